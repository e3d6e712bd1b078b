//! Makes the calls that standard input names.
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, BufReader};

#[allow(dead_code)]
mod calls {
    pub mod bounded_shop_calls;
    pub mod flaky_shop_calls;
    pub mod fragile_shop_calls;
    pub mod late_shop_calls;
    pub mod narrow_shop_calls;
}
use calls::*;

struct Services {
    flaky: flaky_shop_calls::Calls,
    late: late_shop_calls::Calls,
    bounded: bounded_shop_calls::Calls,
    fragile: fragile_shop_calls::Calls,
    narrow: narrow_shop_calls::Calls,
}

macro_rules! send {
    ($calls:expr, $module:ident, $rule:ident, $request:expr) => {
        $calls.send(&$module::$rule, $request).await.map_err(|e| format!("{e:?}"))
    };
}

async fn call(s: &Services, service: &str, method: &str, url: &str) -> String {
    let mut request = reqwest::Request::new(method.parse().unwrap(), url.parse().unwrap());
    if method == "POST" || method == "PUT" {
        *request.body_mut() = Some("body".into());
    }
    let answer = match service {
        "flaky" => send!(s.flaky, flaky_shop_calls, DEFAULT, request),
        "flaky-rule1" => send!(s.flaky, flaky_shop_calls, RULE_1, request),
        "late" => send!(s.late, late_shop_calls, DEFAULT, request),
        "bounded" => send!(s.bounded, bounded_shop_calls, DEFAULT, request),
        "fragile" => send!(s.fragile, fragile_shop_calls, DEFAULT, request),
        "narrow" => send!(s.narrow, narrow_shop_calls, DEFAULT, request),
        other => panic!("no service {other}"),
    };
    match answer {
        Ok(answer) => {
            let status = answer.status().as_u16();
            match answer.text().await {
                Ok(text) if !text.is_empty() => status.to_string(),
                _ => "error".into(),
            }
        }
        Err(error) => {
            eprintln!("{error}");
            "error".into()
        }
    }
}

#[tokio::main]
async fn main() {
    let services = Arc::new(Services {
        flaky: flaky_shop_calls::Calls::new().unwrap(),
        late: late_shop_calls::Calls::new().unwrap(),
        bounded: bounded_shop_calls::Calls::new().unwrap(),
        fragile: fragile_shop_calls::Calls::new().unwrap(),
        narrow: narrow_shop_calls::Calls::new().unwrap(),
    });
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        let word: Vec<String> = line.split(' ').map(String::from).collect();
        let tasks: Vec<_> = (0..word[0].parse().unwrap())
            .map(|_: u32| {
                let (services, word) = (services.clone(), word.clone());
                tokio::spawn(async move { call(&services, &word[1], &word[2], &word[3]).await })
            })
            .collect();
        let mut results = Vec::new();
        for task in tasks {
            results.push(task.await.unwrap());
        }
        results.sort();
        println!("{}", results.join(" "));
    }
    std::process::exit(0);
}
