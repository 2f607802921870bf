//! Users and authorised clients.

use serde_json::{Value, json};

use super::Desk;
use crate::sim::answer::{Answer, created, list};
use crate::sim::refusal;
use crate::sim::world::{Account, Role};

impl Desk<'_> {
    pub(super) fn admin(&mut self, operation: &str) -> Result<Answer, Answer> {
        match operation {
            "admin.authorized_clients.list" => {
                let clients = self.tenant.accounts.iter().enumerate();
                let clients = clients.filter(|(_, account)| account.role == Role::Client);
                let shown = clients.map(|(at, account)| (number(at), client(at, account)));
                Ok(list(self.call, shown.collect()))
            }
            "admin.authorized_clients.read" => {
                let at = self.client_place()?;
                Ok(Answer::json(200, &client(at, &self.tenant.accounts[at])))
            }
            "admin.authorized_clients.delete" => {
                let at = self.client_place()?;
                self.tenant.accounts[at].enabled = false;
                Ok(Answer::empty(204).applied())
            }
            "admin.authorized_clients.create" => self.add_account("clientId", Role::Client),
            "admin.user.create" => self.add_account("userName", Role::FrontDesk),
            "admin.user.update" => {
                let at = self.id("{userId}")?;
                let at = usize::try_from(at).ok().filter(|at| *at < self.tenant.accounts.len());
                let at = at.ok_or_else(|| refusal::not_there(self.call))?;
                let object = self.object()?;
                if let Some(enabled) = object.get("enabled").and_then(Value::as_bool) {
                    self.tenant.accounts[at].enabled = enabled;
                }
                Ok(Answer::empty(204).applied())
            }
            _ => Ok(self.anything()),
        }
    }

    fn client_place(&self) -> Result<usize, Answer> {
        let at = usize::try_from(self.id("{id}")?).ok();
        let is_client = |at: &usize| {
            self.tenant.accounts.get(*at).is_some_and(|account| account.role == Role::Client)
        };
        at.filter(is_client).ok_or_else(|| refusal::not_there(self.call))
    }

    fn add_account(&mut self, name: &str, role: Role) -> Result<Answer, Answer> {
        let object = self.object()?;
        let login = object.get(name).and_then(Value::as_str).unwrap_or_default();
        if login.is_empty() {
            return Err(refusal::missing(name));
        }
        if self.tenant.account(login).is_some() {
            return Err(refusal::unprocessable(name, login));
        }
        let Some(model) = self.tenant.accounts.first() else {
            return Err(refusal::not_there(self.call));
        };
        let grants = model.first_grants.clone();
        let account = Account {
            login: login.to_owned(),
            password: format!("pw-{login}"),
            role,
            first_grants: grants.clone(),
            grants,
            office: model.office,
            enabled: true,
        };
        let at = self.tenant.accounts.len();
        self.tenant.accounts.push(account);
        let object = json!({"id": at, name: login});
        Ok(created(self.call.operation(), &self.call.path, number(at), &object))
    }
}

fn number(at: usize) -> i64 {
    i64::try_from(at).unwrap_or(i64::MAX)
}

fn client(at: usize, account: &Account) -> Value {
    json!({"id": at, "clientId": account.login, "enabled": account.enabled})
}
