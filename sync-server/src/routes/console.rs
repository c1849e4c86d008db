//! The console: the interface's files from inside the binary, with the headers that keep foreign code out.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use rust_embed::Embed;

use super::failure::Failure;
use crate::error::Refused;

/// The built interface.
#[derive(Embed)]
#[folder = "$CARGO_MANIFEST_DIR/../ui/build"]
struct Files;

const INDEX: &str = "index.html";
/// Names below it hold a hash of the content.
const IMMUTABLE: &str = "_app/immutable/";

/// Answers a file, or the index for a page of the single-page interface.
pub(super) async fn console(method: Method, uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    if method != Method::GET && method != Method::HEAD {
        return Failure::from(Refused::NotFound).into_response();
    }
    let is_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    match Files::get(path) {
        Some(file) => answer(path, file.data.into_owned()),
        None if is_file => StatusCode::NOT_FOUND.into_response(),
        None => match Files::get(INDEX) {
            Some(index) => answer(INDEX, index.data.into_owned()),
            None => StatusCode::NOT_FOUND.into_response(),
        },
    }
}

fn answer(path: &str, bytes: Vec<u8>) -> Response {
    let cache = if path.starts_with(IMMUTABLE) { "public, max-age=31536000, immutable" } else { "no-cache" };
    ([(CONTENT_TYPE, content_type(path)), (CACHE_CONTROL, cache)], bytes).into_response()
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "webmanifest") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// The policy of the pages: our own files, and the scripts that stand inside the index, by hash.
pub(super) fn policy() -> Arc<HeaderValue> {
    let index = Files::get(INDEX).map(|file| String::from_utf8_lossy(&file.data).into_owned());
    let hashes: String = inline_scripts(&index.unwrap_or_default())
        .into_iter()
        .map(|script| {
            let hash = ring::digest::digest(&ring::digest::SHA256, script.as_bytes());
            format!(" 'sha256-{}'", data_encoding::BASE64.encode(hash.as_ref()))
        })
        .collect();
    let policy = format!(
        "default-src 'self'; script-src 'self'{hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    );
    Arc::new(HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'")))
}

/// What stands inside the scripts of a page that have no source.
fn inline_scripts(page: &str) -> Vec<&str> {
    let mut scripts = Vec::new();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once("<script") {
        let Some((attributes, body)) = after.split_once('>') else { break };
        let Some((inside, behind)) = body.split_once("</script>") else { break };
        if !attributes.contains("src=") {
            scripts.push(inside);
        }
        rest = behind;
    }
    scripts
}

/// Puts the security headers on every answer.
pub(super) async fn headers(
    State(policy): State<Arc<HeaderValue>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let fixed: [(HeaderName, &'static str); 5] = [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    let headers = response.headers_mut();
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(CONTENT_SECURITY_POLICY, policy.as_ref().clone());
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scripts_without_a_source_are_hashed() {
        let page = "<script src=\"/gate.js\"></script><p><script>one()</script><script type=\"module\">two()</script>";
        assert_eq!(inline_scripts(page), ["one()", "two()"]);
        assert!(inline_scripts("<script>never closed").is_empty());
    }
}
