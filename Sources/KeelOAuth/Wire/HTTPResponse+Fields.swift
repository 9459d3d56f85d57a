import KeelBase

extension HTTPResponse {
    /// The members of a success; an error, or what is no JSON object, is thrown as what it is, whatever the status.
    func successFields(at now: Timestamp, withholding: [Secret]) throws(OAuthFailure) -> JSONFields {
        guard body.count <= TokenResponse.bodyLimit else {
            throw OAuthFailure(malformed: .bodyTooLarge, self, at: now)
        }
        let fields = JSONFields(parsing: body)
        guard (200...299).contains(status), let fields, fields.text("error") == nil else {
            throw OAuthFailure(refusal: self, fields, at: now, withholding: withholding)
        }
        return fields
    }
}
