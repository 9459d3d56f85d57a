import KeelBase

extension AuthorizationCodeFlow {
    /// All of it, to be sealed while a person consents elsewhere.
    package var record: Secret {
        FlowRecord.write(
            .authorizationCode,
            [
                ("url", .string(url)), ("clientID", .string(clientID)), ("redirectURI", .string(redirectURI)),
                ("scopes", .array(scopes.map(JSON.string))), ("issuer", issuer.map(JSON.string)),
                ("announcesIssuer", .boolean(announcesIssuer)), ("state", state.recordValue),
                ("verifier", verifier.recordValue), ("nonce", nonce?.recordValue),
            ])
    }

    /// Reads what `record` writes.
    package init(record: Secret) throws(FlowRecordFault) {
        let members = try FlowRecord(reading: record, flow: .authorizationCode)
        self.init(
            url: try members.text("url"), clientID: try members.text("clientID"),
            redirectURI: try members.text("redirectURI"), scopes: try members.texts("scopes"),
            issuer: members.optionalText("issuer"), announcesIssuer: try members.flag("announcesIssuer"),
            nonce: members.optionalText("nonce").map { Secret(copying: $0) },
            state: Secret(copying: try members.text("state")), verifier: Secret(copying: try members.text("verifier")))
    }
}
