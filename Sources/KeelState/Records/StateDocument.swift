import KeelBase

/// The state: what was committed by apply. Never a secret, never a passing observation.
package struct StateDocument: Sendable, Equatable {
    /// The format that this version writes.
    package static let formatVersion = 1

    /// Grows by one with each replacement of the file.
    package var serial: Int
    /// The identity of this state from its creation on: two states with different lineages are never merged.
    package let lineage: String
    /// The vault whose grants the records name; nil until there is one.
    package var vault: String?
    package var resources: [ResourceAddress: ResourceRecord]

    package init(
        serial: Int = 0, lineage: String, vault: String? = nil, resources: [ResourceAddress: ResourceRecord] = [:]
    ) {
        self.serial = serial
        self.lineage = lineage
        self.vault = vault
        self.resources = resources
    }

    /// What is in service at an address.
    package func committed(_ address: ResourceAddress) -> CommittedRecord? { resources[address]?.committed }
}

extension StateDocument {
    /// The document as it is stored: deterministic and laid out for version control. `version`, `serial` and `lineage`
    /// stand in clear at the top because remote stores need them; the payload is plain, or one day sealed.
    package var json: JSON {
        .present(
            ("version", .integer(Self.formatVersion)),
            ("serial", .integer(serial)),
            ("lineage", .string(lineage)),
            ("vault", vault.map(JSON.string)),
            (
                "payload",
                .object([
                    .init(
                        "plain",
                        .object([
                            .init(
                                "resources",
                                .object(
                                    resources.sorted { $0.key < $1.key }.map {
                                        .init($0.key.description, $0.value.json)
                                    }))
                        ]))
                ])
            ))
    }

    /// Reads what `json` writes.
    ///
    /// - Throws: `StateFailure` with `.corrupt` or `.newerFormat`.
    package init(parsing bytes: [UInt8], path: String) throws(StateFailure) {
        let json: JSON
        do {
            json = try JSON(parsing: bytes)
        } catch {
            throw StateFailure(.corrupt, path: path, "it is not JSON: \(error)")
        }
        guard let version = json["version"]?.integer else {
            throw StateFailure(.corrupt, path: path, "it has no version")
        }
        guard version <= Self.formatVersion else {
            throw StateFailure(
                .newerFormat, path: path,
                "it has format \(version), and this version of Mailkeel knows \(Self.formatVersion)")
        }
        do throws(RecordFault) {
            serial = try json.number("serial")
            lineage = try json.text("lineage")
            vault = try json.optionalText("vault")
            resources = [:]
            guard let payload = json["payload"]?["plain"] else { throw RecordFault(path: "payload.plain") }
            for member in try payload.memberList("resources") {
                guard let address = ResourceAddress(parsing: member.name) else { throw RecordFault(path: member.name) }
                do throws(RecordFault) {
                    resources[address] = try ResourceRecord(json: member.value)
                } catch {
                    throw RecordFault(path: "\(member.name): \(error.path)")
                }
            }
        } catch {
            throw StateFailure(.corrupt, path: path, "\(ForeignText(error.path)) is missing or malformed")
        }
    }
}
