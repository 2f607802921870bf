//! Signing in: the page for people and the token endpoint.
//!
//! Owns the four grants of RFC 6749 as Accuro offers them and their refusals. Which tokens are out
//! is kept in [`super::tokens`].

use serde_json::json;

use super::answer::Answer;
use super::call::{Call, Form};
use super::refusal::oauth;
use super::tokens::{Grant, Issued, Vault, Who};
use super::world::{Role, Tenant, World};
use crate::domain::labels::Context;

/// What a token is granted where the call asks for nothing.
const USUAL_SCOPE: &str = "read write";
/// The words that a scope may be made of here.
const SCOPE_WORDS: &[&str] = &[
    "read",
    "write",
    "patient",
    "patients",
    "provider",
    "offices",
    "documents",
    "labs",
    "medications",
    "appointments",
    "offline",
];

/// Answers `POST /oauth/token`.
pub(super) fn token(world: &World, vault: &mut Vault, call: &Call) -> Answer {
    match granted(world, vault, call) {
        Ok(grant) => {
            let spec = &world.tenants[grant.tenant].spec;
            let scope = grant.scope.clone();
            let issued = vault.issue(spec, grant, call.at);
            response(&issued, &scope)
        }
        Err(refusal) => refusal,
    }
}

fn response(issued: &Issued, scope: &str) -> Answer {
    let mut body = json!({
        "access_token": issued.access, "token_type": "bearer",
        "expires_in": issued.expires_in.as_secs(), "scope": scope,
    });
    if let Some(refresh) = &issued.refresh {
        body["refresh_token"] = json!(refresh);
    }
    // RFC 6749, section 5.1.
    Answer::json(200, &body).with("cache-control", "no-store".to_owned())
}

fn granted(world: &World, vault: &mut Vault, call: &Call) -> Result<Grant, Answer> {
    let form = call.form();
    let bad_client = || oauth(401, "invalid_client", "Bad client credentials");
    let (client_id, secret) = call.client(&form).ok_or_else(bad_client)?;
    let (tenant_at, tenant, client_at) = client_at(world, &client_id).ok_or_else(bad_client)?;
    let client = &tenant.accounts[client_at];
    if client.password != secret || !client.enabled || !tenant.enabled {
        return Err(bad_client());
    }
    let acronym = form.get("acronym").or(form.get("tenant"));
    if acronym.is_some_and(|acronym| !acronym.eq_ignore_ascii_case(&tenant.spec.acronym)) {
        return Err(oauth(401, "unauthorized_client", "Client is not enabled for this tenant"));
    }
    let scope = scope(&form)?;
    let for_whom = |context, who, office| {
        Ok(Grant { tenant: tenant_at, who, context, client: client_at, office, scope })
    };
    let needed = |name: &str| {
        let words = || oauth(400, "invalid_request", &format!("Missing parameter {name}"));
        form.get(name).filter(|value| !value.is_empty()).ok_or_else(words)
    };
    match form.get("grant_type") {
        Some("client_credentials") => {
            for_whom(Context::Client, Who::Account(client_at), client.office)
        }
        Some("password") => {
            let (login, password) = (needed("username")?, needed("password")?);
            let bad = || oauth(400, "invalid_grant", &format!("Bad credentials for {login}"));
            let account_at = person_at(tenant, login, password).ok_or_else(bad)?;
            let office = tenant.accounts[account_at].office;
            for_whom(Context::Provider, Who::Account(account_at), office)
        }
        Some("authorization_code") => {
            let code = needed("code")?;
            let invalid = || oauth(400, "invalid_grant", "Invalid authorization code");
            let grant = vault.take_code(code).filter(|grant| grant.tenant == tenant_at);
            still_welcome(world, grant.ok_or_else(invalid)?)
        }
        Some("refresh_token") => {
            let token = needed("refresh_token")?;
            let invalid =
                || oauth(400, "invalid_grant", &format!("Invalid refresh token: {token}"));
            let grant = vault.take_refresh(token).filter(|grant| grant.tenant == tenant_at);
            still_welcome(world, grant.ok_or_else(invalid)?)
        }
        _ => Err(oauth(400, "unsupported_grant_type", "Unsupported grant type")),
    }
}

/// The client of that id: its clinic's place, the clinic, its place in the accounts.
pub(super) fn client_at<'w>(world: &'w World, id: &str) -> Option<(usize, &'w Tenant, usize)> {
    let own = |tenant: &Tenant| {
        tenant.accounts.iter().position(|a| a.role == Role::Client && a.login == id)
    };
    let mut tenants = world.tenants.iter().enumerate();
    tenants.find_map(|(at, tenant)| own(tenant).map(|client| (at, tenant, client)))
}

/// The person of that login, if the password is right.
fn person_at(tenant: &Tenant, login: &str, password: &str) -> Option<usize> {
    let account_at = tenant.account(login)?;
    let account = &tenant.accounts[account_at];
    let right = account.role != Role::Client && account.enabled && account.password == password;
    right.then_some(account_at)
}

fn still_welcome(world: &World, grant: Grant) -> Result<Grant, Answer> {
    let tenant = &world.tenants[grant.tenant];
    let welcome = match grant.who {
        Who::Account(at) => tenant.accounts[at].enabled,
        Who::Patient(_) => true,
    };
    let gone = || oauth(400, "invalid_grant", "User is disabled");
    welcome.then_some(grant).ok_or_else(gone)
}

fn scope(form: &Form) -> Result<String, Answer> {
    let Some(asked) = form.get("scope").filter(|scope| !scope.is_empty()) else {
        return Ok(USUAL_SCOPE.to_owned());
    };
    let known = |one: &str| one.split(['.', '/', ':']).all(|word| SCOPE_WORDS.contains(&word));
    match asked.split(' ').find(|one| !known(one)) {
        Some(unknown) => Err(oauth(400, "invalid_scope", &format!("Invalid scope: {unknown}"))),
        None => Ok(asked.to_owned()),
    }
}

/// Answers `GET /oauth/authorize`: a page to sign in on.
pub(super) fn page(call: &Call) -> Answer {
    if call.query("response_type") != Some("code") || call.query("client_id").is_none() {
        return Answer::html(400, "<!DOCTYPE html><title>Error</title><h1>Invalid request</h1>\n");
    }
    let hidden = ["client_id", "redirect_uri", "state", "scope"].map(|name| {
        let value = escaped(call.query(name).unwrap_or_default());
        format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">")
    });
    let page = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><title>Sign in</title></head><body>\
         <h1>Sign in to the simulated Accuro</h1><form method=\"post\" action=\"/oauth/authorize\">{}\
         <label>Tenant <input name=\"acronym\"></label> <label>User <input name=\"username\"></label> \
         <label>Password <input name=\"password\" type=\"password\"></label> \
         <button>Sign in and approve</button></form></body></html>\n",
        hidden.concat()
    );
    Answer::html(200, &page)
}

/// Answers `POST /oauth/authorize`: the form above, sent; goes back to the client with a code.
pub(super) fn approve(world: &World, vault: &mut Vault, call: &Call) -> Answer {
    let form = call.form();
    let field = |name| form.get(name).unwrap_or_default();
    let refused =
        || Answer::html(401, "<!DOCTYPE html><title>Error</title><h1>Bad credentials</h1>\n");
    let Some((tenant_at, tenant, client)) = client_at(world, field("client_id")) else {
        return refused();
    };
    let Some(account_at) = person_at(tenant, field("username"), field("password")) else {
        return refused();
    };
    let grant = Grant {
        tenant: tenant_at,
        who: Who::Account(account_at),
        context: Context::Provider,
        client,
        office: tenant.accounts[account_at].office,
        scope: scope(&form).unwrap_or_else(|_| USUAL_SCOPE.to_owned()),
    };
    let code = vault.issue_code(grant);
    let (target, state) = (field("redirect_uri"), field("state"));
    let joint = if target.contains('?') { '&' } else { '?' };
    Answer::empty(302).with("location", format!("{target}{joint}code={code}&state={state}"))
}

/// A code for a patient or a person, without the page: what the control API gives to tests.
pub(super) fn code_for(
    world: &World,
    vault: &mut Vault,
    tenant_at: usize,
    client: usize,
    who: Who,
) -> String {
    let tenant = &world.tenants[tenant_at];
    let (context, office) = match who {
        Who::Account(at) => (Context::Provider, tenant.accounts[at].office),
        Who::Patient(at) => {
            let first = tenant.offices.first().map_or(1, |office| office.id);
            (Context::Patient, tenant.patients[at].office.unwrap_or(first))
        }
    };
    let scope = USUAL_SCOPE.to_owned();
    vault.issue_code(Grant { tenant: tenant_at, who, context, client, office, scope })
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
