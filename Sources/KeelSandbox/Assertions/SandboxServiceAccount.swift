/// An account for programs, which signs what it asks for, and may act for any user (RFC 7523 section 2.1, as Google has it).
package struct SandboxServiceAccount: Sendable {
    /// Its address: `iss` of its assertions.
    package let email: String
    package let keys: [SandboxKey]
    /// What it may ask for.
    package let scopes: [String]

    package init(email: String, keys: [SandboxKey], scopes: [String]) {
        self.email = email
        self.keys = keys
        self.scopes = scopes
    }
}
