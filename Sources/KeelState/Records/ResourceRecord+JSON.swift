import KeelBase

extension ResourceRecord {
    /// The record for people and for scripts (`show --json`): each effective value with its origin. It is not how a record
    /// is stored.
    package var json: JSON {
        .present(
            ("digest", committed.map { .string($0.digest) }), ("committed", committed?.json),
            ("failure", failure?.json), ("staging", staging?.json))
    }
}

extension CommittedRecord {
    fileprivate var json: JSON {
        .present(
            ("declared", .sorted(declared.map { (key: $0.key, value: $0.value.json) })),
            (
                "effective",
                .sorted(
                    effective.map { name, field in
                        (
                            key: name,
                            value: .object([
                                .init("value", field.value.json), .init("from", .string(field.origin.text)),
                            ])
                        )
                    })
            ),
            ("fingerprints", .presentIfAny(fingerprints.map { (key: $0.key, value: $0.value.json) })),
            ("grant", grant.map(JSON.string)),
            ("proof", proof?.json),
            ("dependencies", .array(dependencies.map { .string($0.description) })),
            ("external", .presentIfAny(external.map { (key: $0.key, value: JSON.string($0.value)) })),
            ("committedAt", .string(committedAt.description)),
            ("run", .string(run)))
    }
}

extension Fingerprint {
    fileprivate var json: JSON { .object([.init("key", .string(key)), .init("hmac", .string(code))]) }
}

extension ProofRecord {
    fileprivate var json: JSON {
        .present(
            ("at", .string(at.description)), ("run", .string(run)), ("grant", grant.map(JSON.string)),
            ("settings", .string(settings)), ("mechanism", .string(mechanism)))
    }
}

extension RefusedCredential {
    fileprivate var json: JSON {
        .object([
            .init("key", .string(fingerprint.key)), .init("hmac", .string(fingerprint.code)),
            .init("at", .string(at.description)),
        ])
    }
}

extension FailureRecord {
    fileprivate var json: JSON {
        .present(
            ("code", .string(code)), ("message", .string(message)), ("at", .string(at.description)),
            ("run", .string(run)),
            ("refused", .presentIfAny(refused.map { (key: $0.key, value: $0.value.json) })))
    }
}

extension StagingRecord {
    fileprivate var json: JSON {
        .present(
            ("keeper", .string(keeper)),
            ("external", .presentIfAny(external.map { (key: $0.key, value: JSON.string($0.value)) })),
            (
                "writes",
                .array(writes.map { .object([.init("id", .string($0.id)), .init("done", .boolean($0.isDone))]) })
            ),
            ("at", .string(at.description)), ("run", .string(run)))
    }
}

extension JSON {
    /// An object with its members in order; nil if there are none.
    fileprivate static func presentIfAny(_ members: [(key: String, value: JSON)]) -> JSON? {
        members.isEmpty ? nil : .sorted(members)
    }
}
