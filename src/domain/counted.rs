//! Numbers of things in English sentences.

/// The number and the noun: `1 contact`, `2 contacts`.
pub fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_is_singular() {
        let all = [0, 1, 2].map(|number| counted(number, "agent"));
        assert_eq!(all, ["0 agents", "1 agent", "2 agents"]);
    }
}
