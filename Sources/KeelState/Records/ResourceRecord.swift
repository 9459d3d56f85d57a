import KeelBase
import KeelCrypto

/// What the state remembers of one address.
package struct ResourceRecord: Sendable, Equatable {
    /// What is in service; nil if nothing ever was.
    package var committed: CommittedRecord?
    /// Why the last attempt to change it failed; nil if it did not.
    package var failure: FailureRecord?

    package init(committed: CommittedRecord?, failure: FailureRecord? = nil) {
        self.committed = committed
        self.failure = failure
    }
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

    /// SHA-256 over what was declared and what held: equal digests mean that there is no difference to look for.
    package var digest: String { Self.digest(declared: declared, effective: effective) }

    /// The digest that a record with these values would have. No secret is in it: fields hold sources only.
    package static func digest(declared: [String: FieldValue], effective: [String: EffectiveValue]) -> String {
        let text = JSON.object([
            .init("declared", fieldsJSON(declared)), .init("effective", effectiveJSON(effective)),
        ])
        return Hexadecimal.text(SHA256Digest.bytes(of: text.bytes()))
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

    package init(code: String, message: String, at: Timestamp, run: String) {
        self.code = code
        self.message = message
        self.at = at
        self.run = run
    }
}

func fieldsJSON(_ fields: [String: FieldValue]) -> JSON { .sorted(fields.map { (key: $0.key, value: $0.value.json) }) }

func effectiveJSON(_ fields: [String: EffectiveValue]) -> JSON {
    .sorted(
        fields.map { name, field in
            (
                key: name,
                value: .object([.init("value", field.value.json), .init("from", .string(field.origin.text))])
            )
        })
}
