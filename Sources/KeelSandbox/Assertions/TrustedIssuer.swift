/// Another issuer whose assertions a client may show in place of a secret, as pipelines do (RFC 7523 section 3; RFC 7521
/// section 4.2).
package struct TrustedIssuer: Sendable {
    package let issuer: String
    /// Who the client is to that issuer.
    package let subject: String
    /// For whom that issuer makes the assertions.
    package let audience: String
    package let keys: [SandboxKey]

    package init(issuer: String, subject: String, audience: String, keys: [SandboxKey]) {
        self.issuer = issuer
        self.subject = subject
        self.audience = audience
        self.keys = keys
    }
}
