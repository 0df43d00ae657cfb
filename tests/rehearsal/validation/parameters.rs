//! Builds the model of a row from its parameters.

use std::collections::BTreeMap;

use switchboard::engine::options::Select;

use super::table::Fields;
use super::textbook::{Class, Discipline, Law, Model, Pool};

pub(super) fn numbers(text: &str) -> Result<Vec<f64>, String> {
    let number = |part: &str| {
        let part = part.trim();
        part.parse().map_err(|_| format!("{part:?} is no number"))
    };
    text.split('|').map(number).collect()
}

pub(super) fn model(fields: &Fields, params: &BTreeMap<String, String>) -> Result<Model, String> {
    let field = |key: &str| {
        let text = fields.get(key).filter(|text| !text.is_empty());
        text.ok_or_else(|| format!("no {key}"))
    };
    let id = field("id")?;
    let agents = numbers(field("n")?)?;
    let rates = match params.get("lambda_per_h") {
        Some(rates) => numbers(rates)?,
        None => numbers(field("lambda_per_h")?)?,
    };
    let services = numbers(field("aht_s")?)?;
    let patience = patience(params, rates.len())?;
    let service = |mean_s: f64| match params.get("service").map(String::as_str) {
        None | Some("exp" | "exponential") => Ok(Law::Exponential { mean_s }),
        Some("lognormal") => Ok(Law::Lognormal {
            mean_s,
            log_sd: number(params, "logsd")?,
        }),
        Some("deterministic") => Ok(Law::Exactly { s: mean_s }),
        Some(other) => Err(format!("the service {other} is not rehearsed")),
    };
    let pools = agents.iter().enumerate().map(|(pool, agents)| {
        let mean_s = services.get(pool).or_else(|| services.first()).copied();
        Ok(Pool {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a count"
            )]
            agents: *agents as usize,
            service: service(mean_s.unwrap_or(0.0))?,
        })
    });
    let mut model = Model {
        classes: rates
            .iter()
            .zip(patience)
            .map(|(rate_per_h, patience)| Class {
                rate_per_h: *rate_per_h,
                patience,
                rings: vec![(0..agents.len()).collect()],
            })
            .collect(),
        pools: pools.collect::<Result<_, String>>()?,
        discipline: Discipline::FirstCome,
        select: Select::LongestIdle,
        sessions_max: 1,
        speeds: vec![1.0],
        reserve: 0,
    };
    refine(id, params, &services, &mut model)?;
    Ok(model)
}

/// Special features of each kind of model, by the letter of its id.
fn refine(
    id: &str,
    params: &BTreeMap<String, String>,
    services: &[f64],
    model: &mut Model,
) -> Result<(), String> {
    match id.chars().next() {
        Some('C' | 'A' | 'G' | 'Z') => {}
        Some('P' | 'V') => model.discipline = Discipline::Strict { reversed: false },
        Some('S') => {
            if model.classes.len() > 1 {
                model.discipline = Discipline::Strict { reversed: false };
            }
        }
        Some('U') => {
            let slopes = params.get("b").ok_or("no slopes")?;
            model.discipline = Discipline::Accumulating(numbers(slopes)?);
        }
        Some('R') => {
            model.discipline = Discipline::Strict { reversed: false };
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a count"
            )]
            let reserve = number(params, "K")? as u32;
            model.reserve = reserve;
        }
        Some('I') => inverted_v(params, services, model)?,
        Some('N') => n_model(params, model)?,
        Some('H') => chat(params, model)?,
        Some(_) | None => return Err("a model that is not rehearsed".to_owned()),
    }
    Ok(())
}

fn inverted_v(
    params: &BTreeMap<String, String>,
    services: &[f64],
    model: &mut Model,
) -> Result<(), String> {
    let sizes = numbers(params.get("pools").ok_or("no pools")?)?;
    let pools = sizes.iter().zip(services).map(|(agents, mean_s)| Pool {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count"
        )]
        agents: *agents as usize,
        service: Law::Exponential { mean_s: *mean_s },
    });
    model.pools = pools.collect();
    model.classes[0].rings = vec![(0..sizes.len()).collect()];
    model.select = match params.get("policy").map(String::as_str) {
        Some("FSF") => Select::BestSkill,
        Some("LISF") => Select::LongestIdle,
        Some("SSF") => {
            // The slow pool comes first, and so has the higher level.
            model.pools.reverse();
            Select::BestSkill
        }
        other => return Err(format!("the policy {other:?} is not rehearsed")),
    };
    Ok(())
}

fn n_model(params: &BTreeMap<String, String>, model: &mut Model) -> Result<(), String> {
    let [first, second] = &mut model.classes[..] else {
        return Err("an N-model has two classes".to_owned());
    };
    first.rings = vec![vec![0], vec![1]];
    second.rings = vec![vec![1]];
    let reversed = if params.contains_key("pool2 serves class 1 first") {
        false
    } else if params.contains_key("pool2 serves class 2 first") {
        true
    } else {
        return Err("whom pool 2 serves first is not said".to_owned());
    };
    model.discipline = Discipline::Strict { reversed };
    Ok(())
}

fn chat(params: &BTreeMap<String, String>, model: &mut Model) -> Result<(), String> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count"
    )]
    let sessions_max = number(params, "cap")? as u32;
    model.sessions_max = sessions_max;
    model.speeds = numbers(params.get("agent_total_rate_factor").ok_or("no rates")?)?;
    model.select = match params.get("policy").map(String::as_str) {
        Some("least-loaded" | "least-loaded first") => Select::LeastLoad,
        Some("most-loaded first" | "most-loaded") => Select::MostLoad,
        other => return Err(format!("the policy {other:?} is not rehearsed")),
    };
    Ok(())
}

pub(super) fn number(params: &BTreeMap<String, String>, key: &str) -> Result<f64, String> {
    let text = params.get(key).ok_or_else(|| format!("no {key}"))?;
    text.parse()
        .map_err(|_| format!("{key}: {text:?} is no number"))
}

/// The patience of each class.
pub(super) fn patience(
    params: &BTreeMap<String, String>,
    classes: usize,
) -> Result<Vec<Law>, String> {
    if let Some(means) = params.get("patience_mean") {
        if means == "inf" {
            return Ok(vec![Law::Never; classes]);
        }
        let law = |mean_s: f64| Law::Exponential { mean_s };
        return Ok(numbers(means)?.into_iter().map(law).collect());
    }
    let law = match params.get("patience").map(String::as_str) {
        None | Some("inf" | "none") => Law::Never,
        Some("exp" | "exponential") => Law::Exponential {
            mean_s: number(params, "mean")?,
        },
        Some("deterministic") => Law::Exactly {
            s: number(params, "mean")?,
        },
        Some("lognormal") => Law::Lognormal {
            mean_s: number(params, "mean")?,
            log_sd: number(params, "logsd")?,
        },
        Some("weibull") => Law::Weibull {
            shape: number(params, "shape")?,
            scale_s: number(params, "scale")?,
        },
        Some(text) => {
            uniform(text).ok_or_else(|| format!("the patience {text} is not rehearsed"))?
        }
    };
    Ok(vec![law; classes])
}

/// `uniform(0,600)`.
fn uniform(text: &str) -> Option<Law> {
    let (low, high) = text
        .strip_prefix("uniform(")?
        .strip_suffix(')')?
        .split_once(',')?;
    Some(Law::Uniform {
        low_s: low.trim().parse().ok()?,
        high_s: high.trim().parse().ok()?,
    })
}
