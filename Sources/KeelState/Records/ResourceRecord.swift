import KeelBase

/// What the state remembers of one address.
package struct ResourceRecord: Sendable, Equatable {
    /// What is in service; nil if nothing ever was.
    package var committed: CommittedRecord?
    /// Why the last attempt to change it failed; nil if it did not.
    package var failure: FailureRecord?
    /// What was begun at a keeper and is not in service yet; nil if nothing is.
    package var staging: StagingRecord?

    package init(
        committed: CommittedRecord? = nil, failure: FailureRecord? = nil, staging: StagingRecord? = nil
    ) {
        self.committed = committed
        self.failure = failure
        self.staging = staging
    }

    /// What planning looks at first.
    package var head: RecordHead { RecordHead(self, digest: committed?.digest) }
}

/// What was put into service by an apply.
package struct CommittedRecord: Sendable, Equatable {
    /// As the manifest said it, by dotted field name.
    package var declared: [String: FieldValue]
    /// What held, with the reason of each value.
    package var effective: [String: EffectiveValue]
    /// Keyed fingerprints of the secrets that were used, by dotted field name.
    package var fingerprints: [String: Fingerprint]
    /// The grant that proved an account or that fills an authorization.
    package var grant: String?
    /// The login that allowed the commit.
    package var proof: ProofRecord?
    package var dependencies: [ResourceAddress]
    /// Ids and versions at a keeper.
    package var external: [String: String]
    package var committedAt: Timestamp
    /// The run that committed it.
    package var run: String

    package init(
        declared: [String: FieldValue], effective: [String: EffectiveValue], fingerprints: [String: Fingerprint] = [:],
        grant: String? = nil, proof: ProofRecord? = nil, dependencies: [ResourceAddress] = [],
        external: [String: String] = [:], committedAt: Timestamp, run: String
    ) {
        self.declared = declared
        self.effective = effective
        self.fingerprints = fingerprints
        self.grant = grant
        self.proof = proof
        self.dependencies = dependencies
        self.external = external
        self.committedAt = committedAt
        self.run = run
    }
}

/// What planning looks at before it decodes anything.
package struct RecordHead: Sendable, Equatable {
    /// The digest of what is in service; nil if nothing is.
    package var digest: String?
    /// The grant in service.
    package var grant: String?
    /// Whether a login allowed the commit.
    package var isProven: Bool
    /// Whether the last attempt to change it failed.
    package var hasFailure: Bool
    /// Whether something was begun at a keeper.
    package var isStaged: Bool

    package init(
        digest: String? = nil, grant: String? = nil, isProven: Bool = false, hasFailure: Bool = false,
        isStaged: Bool = false
    ) {
        self.digest = digest
        self.grant = grant
        self.isProven = isProven
        self.hasFailure = hasFailure
        self.isStaged = isStaged
    }

    /// The head of a record, whose digest is known already.
    init(_ record: ResourceRecord, digest: String?) {
        self.init(
            digest: digest, grant: record.committed?.grant, isProven: record.committed?.proof != nil,
            hasFailure: record.failure != nil, isStaged: record.staging != nil)
    }
}

/// A keyed fingerprint of a secret: tells whether it changed to whoever holds the key, and nothing to anybody else.
package struct Fingerprint: Sendable, Hashable {
    /// Which key made it.
    package let key: String
    /// HMAC-SHA256 in hexadecimal.
    package let code: String

    package init(key: String, code: String) {
        self.key = key
        self.code = code
    }
}

/// The successful login that allowed a commit.
package struct ProofRecord: Sendable, Equatable {
    package var at: Timestamp
    package var run: String
    /// The grant that was used; nil for a login without one.
    package var grant: String?
    /// The digest of the settings that were proven.
    package var settings: String
    package var mechanism: String

    package init(at: Timestamp, run: String, grant: String?, settings: String, mechanism: String) {
        self.at = at
        self.run = run
        self.grant = grant
        self.settings = settings
        self.mechanism = mechanism
    }
}

/// Why a change did not come into service.
package struct FailureRecord: Sendable, Equatable {
    /// The stable code of the failure.
    package var code: String
    /// One line for people, without secrets.
    package var message: String
    package var at: Timestamp
    package var run: String
    /// The credentials that a server refused, by dotted field name: they are not offered again until they changed.
    package var refused: [String: RefusedCredential]

    package init(
        code: String, message: String, at: Timestamp, run: String, refused: [String: RefusedCredential] = [:]
    ) {
        self.code = code
        self.message = message
        self.at = at
        self.run = run
        self.refused = refused
    }
}

/// A credential that a server refused.
package struct RefusedCredential: Sendable, Equatable {
    package let fingerprint: Fingerprint
    /// When it was; later failures of another kind do not change it.
    package let at: Timestamp

    package init(_ fingerprint: Fingerprint, at: Timestamp) {
        self.fingerprint = fingerprint
        self.at = at
    }
}

/// What was begun at a keeper: written there, and not in service yet.
package struct StagingRecord: Sendable, Equatable {
    package var keeper: String
    /// Ids and versions at the keeper.
    package var external: [String: String]
    /// The writes of the step, in their order.
    package var writes: [StagedWrite]
    package var at: Timestamp
    package var run: String

    package init(
        keeper: String, external: [String: String] = [:], writes: [StagedWrite] = [], at: Timestamp, run: String
    ) {
        self.keeper = keeper
        self.external = external
        self.writes = writes
        self.at = at
        self.run = run
    }
}

/// One write at a keeper: intended, or done.
package struct StagedWrite: Sendable, Equatable {
    package var id: String
    package var isDone: Bool

    package init(id: String, isDone: Bool) {
        self.id = id
        self.isDone = isDone
    }
}
