/// What a person allowed an application to do.
struct Consent: Sendable {
    let client: SandboxClient
    let user: SandboxUser
    /// What was asked for, and so allowed.
    let scopes: [String]
    /// What the client wants to see again in the ID token (OpenID Connect Core section 3.1.2.1).
    let nonce: String?
}
