//! Documents of each kind, what becomes of them, and those that are none.

use super::*;

const OPENAPI: &str = r##"
openapi: 3.0.3
info: {title: EMR, version: "1"}
servers: [{url: "https://emr.example/accuro/rest"}]
paths:
  /v1/provider-portal/patients/{patient_id}:
    get: {responses: {"200": {content: {application/json: {schema: {type: object}}}}}}
  /v1/provider-portal/patients/{patient_id}/referrals:
    get:
      responses:
        200: {content: {application/json: {schema: {$ref: "#/components/schemas/Referrals"}}}}
    post: {responses: {"201": {description: made}}}
  /v1/provider-portal/referrals/{referralId}/attachment:
    get: {responses: {"200": {content: {application/pdf: {schema: {type: string}}}}}}
  /v1/files/part-{n}:
    get: {responses: {}}
components:
  schemas:
    Referrals: {type: array, items: {type: object}}
"##;

const SWAGGER: &str = "{\n\t\"swagger\": \"2.0\", \"basePath\": \"/rest/v1\", \"produces\": [\"application/json\"],\n\
    \"paths\": {\"/patient-portal/waitlistEntries\": {\"delete\": {}, \"get\": {\"responses\": {\"200\": {\"schema\": \
    {\"type\": \"object\", \"properties\": {\"content\": {\"type\": \"array\"}}}}}}}}}";

const WADL: &str = r##"<?xml version="1.0"?>
<application xmlns="http://wadl.dev.java.net/2009/02">
  <representation id="file" mediaType="application/octet-stream"/>
  <resources base="https://emr.example/rest/">
    <resource path="v1/provider-portal">
      <resource path="offices"><method name="GET"/></resource>
      <resource path="patients/{id}/immunizations">
        <method name="GET"><response><representation mediaType="application/json"/></response></method>
        <resource path="{immunizationId: [0-9]+}">
          <method name="PUT"/>
          <method name="GET"><response><representation href="#file"/></response></method>
        </resource>
      </resource>
    </resource>
  </resources>
</application>"##;

fn rows(text: &str) -> (Document, Vec<String>, usize, Vec<usize>) {
    let imported = Catalogue::embedded().unwrap().import(text).unwrap();
    let rows = imported.new.iter().map(ToString::to_string).collect();
    (imported.document, rows, imported.known, imported.unusable)
}

#[test]
fn what_a_document_adds_is_derived_with_care() {
    let (document, new, known, unusable) = rows(OPENAPI);
    assert_eq!(
        (document, known),
        (Document::OpenApi, 1),
        "one patient is known by another parameter"
    );
    assert_eq!(unusable, [5]);
    assert_eq!(
        new,
        [
            "patients.referrals.list,GET,/rest/v1/provider-portal/patients/{patientId}/referrals,provider,clinical,no,yes,no,json,operator",
            "patients.referrals.create,POST,/rest/v1/provider-portal/patients/{patientId}/referrals,provider,clinical,yes,no,no,json,operator",
            "referrals.attachment.read,GET,/rest/v1/provider-portal/referrals/{referralId}/attachment,provider,documents,no,no,no,any,operator",
        ]
    );
    let (document, new, ..) = rows(SWAGGER);
    assert_eq!(document, Document::OpenApi);
    assert_eq!(
        new,
        [
            "waitlist_entries.self.list,GET,/rest/v1/patient-portal/waitlistEntries,patient,scheduling,no,yes,no,json,operator",
            "waitlist_entries.self.delete,DELETE,/rest/v1/patient-portal/waitlistEntries,patient,scheduling,yes,no,no,json,operator",
        ]
    );
    let (document, new, ..) = rows(WADL);
    assert_eq!(document, Document::Wadl);
    assert_eq!(
        new,
        [
            "offices.list,GET,/rest/v1/provider-portal/offices,provider,reference,no,yes,no,json,operator",
            "patients.immunizations.list,GET,/rest/v1/provider-portal/patients/{patientId}/immunizations,provider,clinical,no,yes,no,json,operator",
            "patients.immunizations.update,PUT,/rest/v1/provider-portal/patients/{patientId}/immunizations/{immunizationId},provider,clinical,yes,no,no,json,operator",
            "patients.immunizations.read,GET,/rest/v1/provider-portal/patients/{patientId}/immunizations/{immunizationId},provider,clinical,no,no,no,any,operator",
        ]
    );
}

#[test]
fn what_was_imported_is_known_the_next_time_and_works_as_an_overlay() {
    let imported = Catalogue::embedded().unwrap().import(WADL).unwrap();
    let rows = imported.new.iter().map(ToString::to_string);
    let lines: Vec<String> =
        std::iter::once(super::super::CATALOGUE_CSV_HEADER.to_owned()).chain(rows).collect();
    let csv = lines.join("\n");
    let overlaid = Catalogue::with_overlay(&csv).unwrap();
    let call = overlaid.identify(Method::Get, "/v1/provider-portal/patients/8812/immunizations");
    assert_eq!(call.operation.as_str(), "patients.immunizations.list");
    assert_eq!(call.patient_segment, Some("8812"), "whom it is about is known");
    for again in [WADL, &csv] {
        let imported = overlaid.import(again).unwrap();
        assert_eq!((imported.new.len(), imported.known), (0, 4));
    }
}

#[test]
fn what_cannot_be_read_is_named_and_never_repeated() {
    let catalogue = Catalogue::embedded().unwrap();
    for (text, says) in [
        ("", "neither WADL"),
        ("name,Tremblay\n", "neither WADL"),
        ("a: [Tremblay", "not well-formed JSON or YAML"),
        ("{\"Tremblay\": ", "not well-formed JSON or YAML"),
        ("<application><resources>Tremblay</application>", "line 1: this is not well-formed XML"),
        ("<html>Tremblay</html>", "neither WADL"),
        (
            "<!DOCTYPE a [<!ENTITY b \"Tremblay\">]><application>&b;</application>",
            "entities of its own",
        ),
        ("openapi: 3.1.0\npaths: {}\n", "describes no endpoint"),
        ("<application/>", "describes no endpoint"),
        ("operation,method\nTremblay,GET\n", "not CSV with the columns"),
    ] {
        let error = catalogue.import(text).unwrap_err().to_string();
        assert!(error.contains(says), "{text}: {error}");
        assert!(!error.contains("Tremblay"), "{error}");
    }
}
