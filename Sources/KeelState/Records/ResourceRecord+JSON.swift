import KeelBase

/// A stored record that cannot be understood.
struct RecordFault: Error, Equatable {
    /// What was expected and where: `committed.proof.at`.
    let path: String
}

extension ResourceRecord {
    /// The record as it is stored. The digest comes first, so that a scanner can stop there.
    package var json: JSON {
        .present(
            ("digest", committed.map { .string($0.digest) }), ("committed", committed?.json), ("failure", failure?.json)
        )
    }

    init(json: JSON) throws(RecordFault) {
        committed = try json["committed"].map { value throws(RecordFault) in try CommittedRecord(json: value) }
        failure = try json["failure"].map { value throws(RecordFault) in try FailureRecord(json: value) }
    }
}

extension CommittedRecord {
    var json: JSON {
        .present(
            ("declared", fieldsJSON(declared)),
            ("effective", effectiveJSON(effective)),
            (
                "fingerprints",
                fingerprints.isEmpty ? nil : .sorted(fingerprints.map { (key: $0.key, value: $0.value.json) })
            ),
            ("grant", grant.map(JSON.string)),
            ("proof", proof?.json),
            ("dependencies", .array(dependencies.map { .string($0.description) })),
            (
                "external",
                external.isEmpty ? nil : .sorted(external.map { (key: $0.key, value: JSON.string($0.value)) })
            ),
            ("committedAt", .string(committedAt.description)),
            ("run", .string(run)))
    }

    init(json: JSON) throws(RecordFault) {
        declared = [:]
        for member in try json.memberList("declared") {
            guard let value = FieldValue(json: member.value) else { throw RecordFault(path: "declared.\(member.name)") }
            declared[member.name] = value
        }
        effective = [:]
        for member in try json.memberList("effective") {
            guard let value = member.value["value"].flatMap(FieldValue.init(json:)),
                let origin = member.value["from"]?.string.flatMap(EffectiveValue.Origin.init(text:))
            else { throw RecordFault(path: "effective.\(member.name)") }
            effective[member.name] = EffectiveValue(value, origin)
        }
        fingerprints = [:]
        for member in try json.optionalMembers("fingerprints") {
            fingerprints[member.name] = try Fingerprint(json: member.value)
        }
        grant = try json.optionalText("grant")
        proof = try json["proof"].map { value throws(RecordFault) in try ProofRecord(json: value) }
        dependencies = []
        guard let elements = json["dependencies"]?.array else { throw RecordFault(path: "dependencies") }
        for element in elements {
            guard let address = element.string.flatMap(ResourceAddress.init(parsing:)) else {
                throw RecordFault(path: "dependencies")
            }
            dependencies.append(address)
        }
        external = [:]
        for member in try json.optionalMembers("external") {
            guard let text = member.value.string else { throw RecordFault(path: "external.\(member.name)") }
            external[member.name] = text
        }
        committedAt = try json.time("committedAt")
        run = try json.text("run")
    }
}

extension Fingerprint {
    fileprivate var json: JSON { .object([.init("key", .string(key)), .init("hmac", .string(code))]) }

    fileprivate init(json: JSON) throws(RecordFault) {
        self.init(key: try json.text("key"), code: try json.text("hmac"))
    }
}

extension ProofRecord {
    fileprivate var json: JSON {
        .present(
            ("at", .string(at.description)), ("run", .string(run)), ("grant", grant.map(JSON.string)),
            ("settings", .string(settings)), ("mechanism", .string(mechanism)))
    }

    fileprivate init(json: JSON) throws(RecordFault) {
        self.init(
            at: try json.time("at"), run: try json.text("run"), grant: try json.optionalText("grant"),
            settings: try json.text("settings"), mechanism: try json.text("mechanism"))
    }
}

extension FailureRecord {
    fileprivate var json: JSON {
        .object([
            .init("code", .string(code)), .init("message", .string(message)), .init("at", .string(at.description)),
            .init("run", .string(run)),
        ])
    }

    fileprivate init(json: JSON) throws(RecordFault) {
        self.init(
            code: try json.text("code"), message: try json.text("message"), at: try json.time("at"),
            run: try json.text("run"))
    }
}

extension JSON {
    func text(_ name: String) throws(RecordFault) -> String {
        guard let text = self[name]?.string else { throw RecordFault(path: name) }
        return text
    }

    /// Nil if there is no such member.
    func optionalText(_ name: String) throws(RecordFault) -> String? {
        self[name] == nil ? nil : try text(name)
    }

    func number(_ name: String) throws(RecordFault) -> Int {
        guard let number = self[name]?.integer else { throw RecordFault(path: name) }
        return number
    }

    func time(_ name: String) throws(RecordFault) -> Timestamp {
        guard let time = Timestamp(parsing: try text(name)) else { throw RecordFault(path: name) }
        return time
    }

    /// Empty if there is no such member.
    func optionalMembers(_ name: String) throws(RecordFault) -> [Member] {
        self[name] == nil ? [] : try memberList(name)
    }

    func memberList(_ name: String) throws(RecordFault) -> [Member] {
        guard let members = self[name]?.members else { throw RecordFault(path: name) }
        return members
    }
}
