import KeelBase
import KeelDiagnostics

extension Plan {
    /// The plan for machines: `format` 1, changes, steps with their edges, notes. No secret is in it.
    ///
    /// `location` gives the file, line and column of a range.
    package func json(location: (SourceRange) -> JSON) -> JSON {
        .object([
            .init("format", 1),
            .init("type", "plan"),
            .init("changes", .array(changes.map { $0.json(location) })),
            .init("steps", .array(steps.map(\.json))),
            .init("notes", .array(notes.map(\.json))),
            .init(
                "summary",
                .object([
                    .init("add", .integer(counts.add)), .init("change", .integer(counts.change)),
                    .init("destroy", .integer(counts.destroy)), .init("authorizations", .integer(authorized.count)),
                    .init("tests", .integer(tested.count)),
                ])),
        ])
    }
}

extension Change {
    fileprivate func json(_ location: (SourceRange) -> JSON) -> JSON {
        .present(
            ("address", .string(address.description)),
            ("action", .string(action.rawValue)),
            ("place", place.map(location)),
            ("reasons", .array(reasons.map(JSON.string))),
            (
                "fields",
                .array(
                    fields.map { field in
                        .present(
                            ("field", .string(field.field)), ("before", field.before?.json),
                            ("after", field.after?.json),
                            ("remark", field.remark.map(JSON.string)))
                    })
            ))
    }
}

extension PlanNote {
    fileprivate var json: JSON {
        .present(
            ("code", .string(code)), ("message", .string(message)), ("address", address.map { .string($0.description) })
        )
    }
}

extension Step {
    fileprivate var json: JSON {
        .object([
            .init("id", .string(id.description)),
            .init("kind", .string(id.kind.rawValue)),
            .init("address", .string(id.address.description)),
            .init("after", .array(after.map { .string($0.description) })),
            .init("input", work.json),
        ])
    }
}

extension Step.Work {
    fileprivate var json: JSON {
        switch self {
        case .resolve(let work):
            .object([.init("secrets", .sorted(work.secrets.map { (key: $0.key, value: $0.value.json) }))])
        case .discover(let work):
            .present(("issuer", .string(work.asWritten)), ("caFile", work.trust.caFile.map(JSON.string)))
        case .authorize(let work):
            .present(
                ("profile", .string(work.profile.description)), ("subject", .string(work.subject)),
                ("grant", .string(work.grant.rawValue)),
                ("tokenEndpoint", work.tokenEndpoint.map { .string($0.description) }),
                ("issuer", work.issuer.map(JSON.string)), ("clientId", .string(work.clientID)),
                ("clientAuthentication", work.clientAuthentication.map { .string($0.rawValue) }),
                ("secret", work.secret?.json), ("scopes", .array(work.scopes.map(JSON.string))),
                ("parameters", .sorted(work.parameters.map { (key: $0.key, value: JSON.string($0.value)) })),
                ("caFile", work.trust.caFile.map(JSON.string)))
        case .test(let work):
            .present(
                ("type", .string(work.type.rawValue)), ("endpoint", .string(work.endpoint.description)),
                ("connectionSecurity", .string(work.security.rawValue)),
                ("mechanism", .string(work.mechanism.rawValue)),
                ("userName", .string(work.userName)), ("authorization", .string(work.authorization.description)),
                ("caFile", work.trust.caFile.map(JSON.string)), ("settings", .string(work.settings)))
        case .record(let work):
            .present(
                ("forget", work.record == nil ? true : nil),
                ("dependencies", work.record.map { .array($0.dependencies.map { .string($0.description) }) }),
                ("authorization", work.record?.authorization.map { .string($0.description) }),
                ("proven", work.record.map { .boolean($0.proven) }))
        }
    }
}
