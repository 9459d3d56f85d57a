import KeelBase

/// The first format, as versions before 0.2 wrote it: it is read, and written anew as the present one.
enum FormatOne {
    static func document(_ bytes: [UInt8], _ path: String) throws(ReadingFault) -> StateDocument {
        let json: JSON
        do {
            json = try JSON(parsing: bytes)
        } catch {
            throw ReadingFault(error.offset, error.reason)
        }
        guard let serial = json["serial"]?.integer else { throw JSONCursor.malformed(0, "serial") }
        guard let resources = json["payload"]?["plain"]?["resources"]?.members else {
            throw JSONCursor.malformed(0, "payload.plain.resources")
        }
        var document = StateDocument(
            serial: serial, lineage: try json.text("lineage"), vault: try json.optionalText("vault"), written: nil,
            path: path, table: RecordTable())
        for member in resources {
            guard let address = ResourceAddress(parsing: member.name) else {
                throw JSONCursor.malformed(0, "an address: \(member.name)")
            }
            do throws(ReadingFault) {
                document.set(address, try record(member.value))
            } catch {
                throw ReadingFault(0, "\(member.name): \(error.reason)")
            }
        }
        return document
    }

    /// One record, of a document or of a journal. Its digest is made anew, because it was made in another way.
    static func record(_ json: JSON) throws(ReadingFault) -> ResourceRecord {
        ResourceRecord(
            committed: try json["committed"].map { value throws(ReadingFault) in try committed(value) },
            failure: try json["failure"].map { value throws(ReadingFault) in
                FailureRecord(
                    code: try value.text("code"), message: try value.text("message"), at: try value.time("at"),
                    run: try value.text("run"))
            })
    }

    /// One line of a journal.
    static func entry(_ line: [UInt8]) throws(ReadingFault) -> Journal.Entry {
        guard let json = try? JSON(parsing: line), let record = json["record"],
            let address = json["address"]?.string.flatMap(ResourceAddress.init(parsing:))
        else { throw JSONCursor.malformed(0, "address or record") }
        return Journal.Entry(address, record == .null ? nil : try Self.record(record))
    }

    private static func committed(_ json: JSON) throws(ReadingFault) -> CommittedRecord {
        CommittedRecord(
            declared: try json.dictionary("declared", FieldValue.init(json:)),
            effective: try json.dictionary("effective") { member in
                guard let value = member["value"].flatMap(FieldValue.init(json:)),
                    let origin = member["from"]?.string.flatMap(EffectiveValue.Origin.init(text:))
                else { return nil }
                return EffectiveValue(value, origin)
            },
            fingerprints: try json.dictionaryIfAny("fingerprints") { member in
                guard let key = member["key"]?.string, let code = member["hmac"]?.string else { return nil }
                return Fingerprint(key: key, code: code)
            },
            grant: try json.optionalText("grant"),
            proof: try json["proof"].map { value throws(ReadingFault) in
                ProofRecord(
                    at: try value.time("at"), run: try value.text("run"), grant: try value.optionalText("grant"),
                    settings: try value.text("settings"), mechanism: try value.text("mechanism"))
            },
            dependencies: try addresses(json), external: try json.dictionaryIfAny("external", \.string),
            committedAt: try json.time("committedAt"), run: try json.text("run"))
    }

    private static func addresses(_ json: JSON) throws(ReadingFault) -> [ResourceAddress] {
        let texts = json["dependencies"]?.array?.map { $0.string.flatMap(ResourceAddress.init(parsing:)) }
        let addresses = texts?.compactMap { $0 }
        guard let addresses, addresses.count == texts?.count else { throw JSONCursor.malformed(0, "dependencies") }
        return addresses
    }
}

extension JSON {
    fileprivate func text(_ name: String) throws(ReadingFault) -> String {
        guard let text = self[name]?.string else { throw JSONCursor.malformed(0, name) }
        return text
    }

    /// Nil if there is no such member.
    fileprivate func optionalText(_ name: String) throws(ReadingFault) -> String? {
        self[name] == nil ? nil : try text(name)
    }

    fileprivate func time(_ name: String) throws(ReadingFault) -> Timestamp {
        guard let time = Timestamp(parsing: try text(name)) else { throw JSONCursor.malformed(0, name) }
        return time
    }

    fileprivate func dictionary<Value>(
        _ name: String, _ read: (JSON) -> Value?
    ) throws(ReadingFault) -> [String: Value] {
        guard let members = self[name]?.members else { throw JSONCursor.malformed(0, name) }
        var values: [String: Value] = [:]
        for member in members {
            guard let value = read(member.value) else { throw JSONCursor.malformed(0, "\(name).\(member.name)") }
            values[member.name] = value
        }
        return values
    }

    /// Empty if there is no such member.
    fileprivate func dictionaryIfAny<Value>(
        _ name: String, _ read: (JSON) -> Value?
    ) throws(ReadingFault) -> [String: Value] {
        self[name] == nil ? [:] : try dictionary(name, read)
    }
}
