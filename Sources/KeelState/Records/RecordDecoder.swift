import KeelBase

/// How format 2 reads a record.
extension JSONCursor {
    /// Reads a whole record, and sees that its head says what its body says unless it `isEdited`.
    mutating func record(isEdited: Bool = false) throws(ReadingFault) -> ResourceRecord {
        let start = offset
        let head = try storedRecord().head
        let end = offset
        var body = JSONCursor(bytes, at: start, depth: JSONOutput.recordDepth)
        var record = ResourceRecord()
        try body.enterObject("record")
        while let name = try body.nextName() {
            switch name {
            case "committed": record.committed = try body.committed(grant: head.grant)
            case "failure": record.failure = try body.failure()
            case "staging": record.staging = try body.staging()
            default: try body.skipValue()
            }
        }
        guard body.offset == end, isEdited || record.head == head else {
            throw ReadingFault(start, "its digest or another of its first members does not belong to the rest")
        }
        return record
    }

    private mutating func committed(grant: String?) throws(ReadingFault) -> CommittedRecord {
        let start = offset
        var record = CommittedRecord(declared: [:], effective: [:], grant: grant, committedAt: .zero, run: "")
        var idle: Set<String> = []
        var seen: Set<String> = []
        try enterObject("committed")
        while let name = try nextName() {
            guard seen.insert(name).inserted else { throw fault("\(name) stands twice in one object") }
            switch name {
            case "declared": record.declared = try fields("declared")
            case "effective": record.effective = try effective()
            case "idle": idle = Set(try texts("idle"))
            case "fingerprints": record.fingerprints = try fingerprints("fingerprints")
            case "proof": record.proof = try proof(grant: grant)
            case "dependencies": record.dependencies = try addresses("dependencies")
            case "external": record.external = try textMap("external")
            case "committedAt": record.committedAt = try time("committedAt")
            case "run": record.run = try text("run")
            // What a later version adds has another format; here a name that is not known is one that was damaged.
            default: throw fault("\(ForeignText(name)) is no member of what was committed")
            }
        }
        for name in ["declared", "committedAt", "run"] where !seen.contains(name) { throw Self.malformed(start, name) }
        for (name, value) in record.declared where record.effective[name] == nil && !idle.contains(name) {
            record.effective[name] = EffectiveValue(value, .manifest)
        }
        return record
    }

    private mutating func effective() throws(ReadingFault) -> [String: EffectiveValue] {
        var effective: [String: EffectiveValue] = [:]
        try enterObject("effective")
        while let text = try nextName() {
            guard let origin = EffectiveValue.Origin(text: text) else { throw Self.malformed(offset, "effective") }
            for (name, value) in try fields("effective") {
                guard effective.updateValue(EffectiveValue(value, origin), forKey: name) == nil else {
                    throw fault("effective.\(name) stands twice")
                }
            }
        }
        return effective
    }

    private mutating func fields(_ what: String) throws(ReadingFault) -> [String: FieldValue] {
        try dictionary(what) { cursor, name throws(ReadingFault) in try cursor.fieldValue("\(what).\(name)") }
    }

    private mutating func fieldValue(_ what: String) throws(ReadingFault) -> FieldValue {
        switch next {
        case UInt8(ascii: "\""): return .text(try text(what))
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean(try boolean(what))
        case UInt8(ascii: "["): return .set(try texts(what))
        case UInt8(ascii: "{"):
            let start = offset
            try skipValue()
            guard let json = try? JSON(parsing: Array(bytes[start..<offset])), let value = FieldValue(json: json) else {
                throw Self.malformed(start, what)
            }
            return value
        default: return .integer(try integer(what))
        }
    }

    private mutating func fingerprints(_ what: String) throws(ReadingFault) -> [String: Fingerprint] {
        try dictionary(what) { cursor, name throws(ReadingFault) in
            let start = cursor.offset
            let parts = try cursor.textMap("\(what).\(name)")
            guard let key = parts["key"], let code = parts["hmac"] else {
                throw Self.malformed(start, "\(what).\(name)")
            }
            return Fingerprint(key: key, code: code)
        }
    }

    private mutating func proof(grant: String?) throws(ReadingFault) -> ProofRecord {
        let start = offset
        var at: Timestamp?
        var texts: [String: String] = [:]
        var grant = grant
        try enterObject("proof")
        while let name = try nextName() {
            switch name {
            case "at": at = try time("proof.at")
            case "grant": grant = try null() ? nil : text("proof.grant")
            default: texts[name] = try text("proof.\(name)")
            }
        }
        guard let at, let run = texts["run"], let settings = texts["settings"], let mechanism = texts["mechanism"]
        else {
            throw Self.malformed(start, "proof")
        }
        return ProofRecord(at: at, run: run, grant: grant, settings: settings, mechanism: mechanism)
    }

    private mutating func failure() throws(ReadingFault) -> FailureRecord {
        let start = offset
        var at: Timestamp?
        var texts: [String: String] = [:]
        var refused: [String: (fingerprint: Fingerprint, at: Timestamp?)] = [:]
        try enterObject("failure")
        while let name = try nextName() {
            switch name {
            case "at": at = try time("failure.at")
            case "refused": refused = try refusedCredentials("failure.refused")
            default: texts[name] = try text("failure.\(name)")
            }
        }
        guard let at, let code = texts["code"], let message = texts["message"], let run = texts["run"] else {
            throw Self.malformed(start, "failure")
        }
        return FailureRecord(
            code: code, message: message, at: at, run: run,
            // Where none is written the failure is the refusal.
            refused: refused.mapValues { RefusedCredential($0.fingerprint, at: $0.at ?? at) })
    }

    private mutating func refusedCredentials(
        _ what: String
    ) throws(ReadingFault) -> [String: (fingerprint: Fingerprint, at: Timestamp?)] {
        try dictionary(what) { cursor, name throws(ReadingFault) in
            let start = cursor.offset
            let parts = try cursor.textMap("\(what).\(name)")
            let at = parts["at"].flatMap(Timestamp.init(parsing:))
            guard let key = parts["key"], let code = parts["hmac"], (at == nil) == (parts["at"] == nil) else {
                throw Self.malformed(start, "\(what).\(name)")
            }
            return (Fingerprint(key: key, code: code), at)
        }
    }

    private mutating func staging() throws(ReadingFault) -> StagingRecord {
        let start = offset
        var at: Timestamp?
        var texts: [String: String] = [:]
        var external: [String: String] = [:]
        var writes: [StagedWrite] = []
        try enterObject("staging")
        while let name = try nextName() {
            switch name {
            case "at": at = try time("staging.at")
            case "external": external = try textMap("staging.external")
            case "writes":
                try enterArray("staging.writes")
                while try nextElement() { writes.append(try write()) }
            default: texts[name] = try text("staging.\(name)")
            }
        }
        guard let at, let keeper = texts["keeper"], let run = texts["run"] else {
            throw Self.malformed(start, "staging")
        }
        return StagingRecord(keeper: keeper, external: external, writes: writes, at: at, run: run)
    }

    private mutating func write() throws(ReadingFault) -> StagedWrite {
        let start = offset
        var id: String?
        var isDone = false
        try enterObject("staging.writes")
        while let name = try nextName() {
            switch name {
            case "id": id = try text("staging.writes.id")
            case "done": isDone = try boolean("staging.writes.done")
            default: try skipValue()
            }
        }
        guard let id else { throw Self.malformed(start, "staging.writes.id") }
        return StagedWrite(id: id, isDone: isDone)
    }

    // MARK: Parts

    private mutating func addresses(_ what: String) throws(ReadingFault) -> [ResourceAddress] {
        var addresses: [ResourceAddress] = []
        try enterArray(what)
        while try nextElement() { addresses.append(try address(what)) }
        return addresses
    }

    mutating func address(_ what: String) throws(ReadingFault) -> ResourceAddress {
        let start = offset
        guard let address = ResourceAddress(parsing: try text(what)) else { throw Self.malformed(start, what) }
        return address
    }

    private mutating func texts(_ what: String) throws(ReadingFault) -> [String] {
        var texts: [String] = []
        try enterArray(what)
        while try nextElement() { texts.append(try text(what)) }
        return texts
    }

    private mutating func textMap(_ what: String) throws(ReadingFault) -> [String: String] {
        try dictionary(what) { cursor, name throws(ReadingFault) in try cursor.text("\(what).\(name)") }
    }

    /// The members of an object, each read by `read`; a name that stands twice is a fault.
    private mutating func dictionary<Value>(
        _ what: String, _ read: (inout JSONCursor, String) throws(ReadingFault) -> Value
    ) throws(ReadingFault) -> [String: Value] {
        var values: [String: Value] = [:]
        try enterObject(what)
        while let name = try nextName() {
            guard values.updateValue(try read(&self, name), forKey: name) == nil else {
                throw fault("\(what).\(name) stands twice")
            }
        }
        return values
    }
}

extension Timestamp {
    fileprivate static let zero = Timestamp(seconds: 0)
}
