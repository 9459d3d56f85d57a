import KeelBase

/// A person with a mailbox, who may consent.
package struct SandboxUser: Sendable {
    /// The address of the mailbox, by which the person signs in.
    package let name: String
    /// What never changes: `sub` in ID tokens (OpenID Connect Core section 5.7).
    package let subject: String
    /// Nil for a person who cannot sign in by password.
    package let password: Secret?
    /// The mailboxes that the person's tokens open: the person's own, and those shared with the person.
    package let mailboxes: Set<String>

    package init(name: String, subject: String, password: Secret? = nil, sharedMailboxes: Set<String> = []) {
        self.name = name
        self.subject = subject
        self.password = password
        mailboxes = sharedMailboxes.union([name])
    }
}

/// The people whom the provider knows.
struct UserDirectory: Sendable {
    let users: [SandboxUser]

    /// The person of that name, whatever the case of its letters.
    func user(_ name: String) -> SandboxUser? {
        let wanted = name.lowercased()
        return users.first { $0.name.lowercased() == wanted }
    }
}
