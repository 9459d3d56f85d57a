import KeelBase

/// An application registered at the sandbox's provider.
package struct SandboxClient: Sendable {
    package let id: String
    package let secret: Secret
    /// The scopes that it may ask for; all of them when it asks for none.
    package let scopes: [String]
    /// The mailboxes that its tokens open.
    package let mailboxes: Set<String>

    package init(id: String, secret: Secret, scopes: [String], mailboxes: Set<String>) {
        self.id = id
        self.secret = secret
        self.scopes = scopes
        self.mailboxes = mailboxes
    }

    /// Whether its tokens open `mailbox`; the case of ASCII letters does not count.
    func mayOpen(_ mailbox: String) -> Bool {
        let wanted = mailbox.lowercased()
        return mailboxes.contains { $0.lowercased() == wanted }
    }
}
