//! What alerts are called in French.
//!
//! Owns the names. In English an alert's name is its own words.

/// The name of an alert of ours; `None` for one that is not.
pub(crate) fn french(alert: &str) -> Option<&'static str> {
    Some(match alert {
        "AccuscopeAuditUnavailable" => "Audit indisponible",
        "AccuscopeCertificateExpiring" => "Certificat bientôt expiré",
        "AccuscopeCircuitOpen" => "Disjoncteur ouvert",
        "AccuscopeClinicAuthFailing" => "Connexions refusées à une clinique",
        "AccuscopeClinicSilent" => "Clinique muette",
        "AccuscopeCredentialExpiring" => "Identifiants bientôt expirés",
        "AccuscopeDown" => "Accuscope en panne",
        "AccuscopeEmptyAnswersRising" => "Réponses vides en hausse",
        "AccuscopeEnvironmentMismatch" => "Environnements confondus",
        "AccuscopeErrorBudgetBurnFast" => "Budget d’erreurs usé vite",
        "AccuscopeErrorBudgetBurnSlow" => "Budget d’erreurs usé lentement",
        "AccuscopeFleetAuthFailing" => "Connexions refusées partout",
        "AccuscopeFleetTrafficDrop" => "Chute des appels partout",
        "AccuscopeIndexerBehind" => "Enregistrement en retard",
        "AccuscopeRateLimited" => "Trop d’appels pour Accuro",
        "AccuscopeRecorderDropping" => "Appels non enregistrés",
        "AccuscopeRedactionEscape" => "Fuite dans le masquage",
        "AccuscopeSchemaDrift" => "Réponses d’une autre forme",
        "AccuscopeTokenRefreshFailing" => "Renouvellement de jetons en échec",
        "AccuscopeUnknownClinicTraffic" => "Appels de clinique inconnue",
        "AccuscopeUnusualAccess" => "Accès inhabituel",
        "AccuscopeUpstreamBrownout" => "Accuro ralenti",
        "AccuscopeUpstreamDegraded" => "Accuro dégradé",
        "AccuscopeUpstreamOutage" => "Panne d’Accuro",
        "AccuscopeWatchdog" => "Chien de garde",
        "AccuscopeWritesUnresolved" => "Écritures sans issue connue",
        _ => return None,
    })
}
