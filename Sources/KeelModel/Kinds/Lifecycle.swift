/// When an account may be committed.
package enum ProofPolicy: String, Sendable, CaseIterable {
    /// Only after a login.
    case required
    /// Also unproven; a later run proves it.
    case deferred
}

/// What happens to the keeper's record when the account is destroyed.
package enum RemovalPolicy: String, Sendable, CaseIterable {
    case forget, deactivate
}

/// How plans treat an account, whatever its settings are.
package struct Lifecycle: Sendable, Hashable {
    /// Whether a plan that would destroy the account is refused.
    package let preventDestroy: Bool
    /// Names of fields that stay as they were committed, `metadata.labels` among them.
    package let ignoreChanges: Set<String>
    package let onDestroy: RemovalPolicy

    init(preventDestroy: Bool, ignoreChanges: Set<String>, onDestroy: RemovalPolicy) {
        self.preventDestroy = preventDestroy
        self.ignoreChanges = ignoreChanges
        self.onDestroy = onDestroy
    }
}
