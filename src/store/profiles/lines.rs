//! The line on which a record begins, as an editor counts. The CSV reader does not know it: its own
//! position may be before empty lines, or between a CR and its LF.

use std::collections::VecDeque;
use std::io;
use std::io::Read;

/// Reads for the CSV reader and remembers the line starts.
pub(super) struct Lines<R> {
    file: R,
    offset: u64,
    line: u64,
    is_at_start: bool,
    is_after_cr: bool,
    /// The offsets and numbers of lines that are not empty.
    begun: VecDeque<(u64, u64)>,
}

impl<R> Lines<R> {
    pub(super) fn of(file: R) -> Self {
        Self {
            file,
            offset: 0,
            line: 1,
            is_at_start: true,
            is_after_cr: false,
            begun: VecDeque::new(),
        }
    }

    /// The first line that is not empty and starts at or after `offset`. Earlier ones are
    /// forgotten, so call it in ascending order.
    pub(super) fn line_from(&mut self, offset: u64) -> u64 {
        while let Some((begun, line)) = self.begun.front() {
            if *begun >= offset {
                return *line;
            }
            self.begun.pop_front();
        }
        self.line
    }

    fn see(&mut self, bytes: &[u8]) {
        for byte in bytes {
            match byte {
                b'\n' if self.is_after_cr => {}
                b'\n' | b'\r' => {
                    self.line += 1;
                    self.is_at_start = true;
                }
                _ if self.is_at_start => {
                    self.begun.push_back((self.offset, self.line));
                    self.is_at_start = false;
                }
                _ => {}
            }
            self.is_after_cr = *byte == b'\r';
            self.offset += 1;
        }
    }
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.see(&buffer[..read]);
        Ok(read)
    }
}
