import KeelBase

/// Something that somebody did and that must be answerable later.
package struct AuditEntry: Sendable, Hashable {
    /// The run that did it.
    package let run: String
    /// Who: user, host, pipeline.
    package let actor: String
    /// What: `authorize`, `apply`, `token.read`, `export`.
    package let action: String
    package let address: ResourceAddress?
    package let grant: GrantID?
    /// A JSON text that holds no secret.
    package let detail: String?

    package init(
        run: String, actor: String, action: String, address: ResourceAddress? = nil, grant: GrantID? = nil,
        detail: String? = nil
    ) {
        self.run = run
        self.actor = actor
        self.action = action
        self.address = address
        self.grant = grant
        self.detail = detail
    }
}

/// An entry in its place.
package struct AuditRecord: Sendable, Hashable {
    /// 1 and up, without gaps.
    package let sequence: Int
    package let time: Timestamp
    package let entry: AuditEntry
}
