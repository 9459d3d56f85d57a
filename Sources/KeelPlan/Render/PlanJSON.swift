import KeelBase
import KeelDiagnostics

extension Plan {
    /// The plan for machines: `format` 1, changes, steps with their edges, notes. No secret is in it.
    ///
    /// `location` gives the file, line and column of a range.
    package func json(location: (SourceRange) -> JSON) -> JSON {
        .present(
            ("format", 1), ("type", "plan"), ("environment", environment.map(JSON.string)),
            ("changes", .array(changes.map { $0.json(location) })),
            ("intent", .string(approval(lineage: nil).intent)), ("steps", .array(steps.map(\.json))),
            ("notes", .array(notes.map(\.json))),
            (
                "summary",
                .object([
                    .init("add", .integer(counts.add)), .init("change", .integer(counts.change)),
                    .init("destroy", .integer(counts.destroy)),
                    .init("move", .integer(counts.move)), .init("forget", .integer(counts.forget)),
                    .init("authorizations", .integer(authorized.count)),
                    .init("tests", .integer(tested.count)),
                ])
            ))
    }
}

extension FieldChange {
    var json: JSON {
        .present(
            ("field", .string(field)), ("before", before?.json), ("after", after?.json),
            ("remark", remark.map(JSON.string)))
    }
}

extension Reason {
    var json: JSON { .object([.init("code", .string(code.rawValue)), .init("text", .string(text))]) }
}

extension Change {
    fileprivate func json(_ location: (SourceRange) -> JSON) -> JSON {
        .present(
            ("address", .string(address.description)),
            ("action", .string(action.rawValue)),
            ("previous", previous.map { .string($0.description) }),
            ("place", place.map(location)),
            ("reasons", .array(reasons.map(\.json))),
            ("found", found.json),
            ("wanted", wanted.map(JSON.string)),
            ("fields", .array(fields.map(\.json))))
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
    package var json: JSON {
        .present(
            ("id", .string(id.description)),
            ("kind", .string(id.kind.rawValue)),
            ("address", .string(id.address.description)),
            ("after", .array(after.map { .string($0.description) })),
            ("needsPerson", needsPerson == .none ? nil : .string(needsPerson.rawValue)),
            ("reasons", reasons.isEmpty ? nil : .array(reasons.map(\.json))),
            ("preconditions", preconditions.isEmpty ? nil : .array(preconditions.map(\.json))),
            ("input", work.json))
    }
}

extension Precondition {
    fileprivate var json: JSON {
        switch self {
        case .committed(let address, let digest):
            .present(("committed", .string(address.description)), ("digest", digest.map(JSON.string) ?? .null))
        case .grant(let slot, let grant):
            .present(("authorization", .string(slot.description)), ("grant", .string(grant)))
        }
    }
}
