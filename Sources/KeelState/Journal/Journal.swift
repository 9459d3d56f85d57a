import KeelBase
import KeelCrypto

/// The journal of one run: what it has committed since the state file was last replaced.
///
/// One JSON object a line. The first names the state that it continues; each further one is the new record of an address,
/// or its removal. Every line carries a check, so that a line that was cut by a crash is told from one that was damaged.
package struct Journal: Sendable, Equatable {
    /// What the first line says.
    package struct Header: Sendable, Equatable {
        package var lineage: String
        /// The serial of the state file that the journal continues.
        package var serial: Int
        package var vault: String?
        package var run: String

        package init(lineage: String, serial: Int, vault: String?, run: String) {
            self.lineage = lineage
            self.serial = serial
            self.vault = vault
            self.run = run
        }
    }

    /// One committed result.
    package struct Entry: Sendable, Equatable {
        package var address: ResourceAddress
        /// Nil: the address is no longer managed.
        package var record: ResourceRecord?

        package init(_ address: ResourceAddress, _ record: ResourceRecord?) {
            self.address = address
            self.record = record
        }
    }

    package var header: Header
    package var entries: [Entry]
    /// Whether the last line was cut off: the run died while it wrote it, so it was never acted upon.
    package var endsTorn: Bool

    /// The line for a header, with its newline.
    static func line(_ header: Header) -> [UInt8] {
        sealed(
            .present(
                ("journal", 1), ("lineage", .string(header.lineage)), ("serial", .integer(header.serial)),
                ("vault", header.vault.map(JSON.string)), ("run", .string(header.run))))
    }

    /// The line for an entry, with its newline.
    static func line(_ entry: Entry) -> [UInt8] {
        sealed(.present(("address", .string(entry.address.description)), ("record", entry.record?.json ?? .null)))
    }

    /// Reads a journal; nil if not even its first line was finished, which means that nothing was committed.
    static func parse(_ bytes: [UInt8], path: String) throws(StateFailure) -> Journal? {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // After the last newline stands nothing, or the beginning of a line that a crash cut off.
        let torn = lines.popLast().map { !$0.isEmpty } ?? false
        var journal: Journal?
        for (index, line) in lines.enumerated() {
            guard let json = opened(line) else {
                // A power cut may leave blocks of the last lines unwritten: only there is damage a torn end.
                guard index == lines.count - 1 else {
                    throw StateFailure(.corrupt, path: path, "line \(index + 1) of the journal is damaged")
                }
                journal?.endsTorn = true
                return journal
            }
            if index == 0 {
                journal = Journal(header: try header(json, path), entries: [], endsTorn: torn)
            } else {
                journal?.entries.append(try entry(json, path, index + 1))
            }
        }
        return journal
    }

    private static func header(_ json: JSON, _ path: String) throws(StateFailure) -> Header {
        guard let version = json["journal"]?.integer, let lineage = json["lineage"]?.string,
            let serial = json["serial"]?.integer, let run = json["run"]?.string
        else { throw StateFailure(.corrupt, path: path, "it does not begin like a journal") }
        guard version == 1 else {
            throw StateFailure(
                .newerFormat, path: path, "it has format \(version), and this version of Mailkeel knows 1")
        }
        return Header(lineage: lineage, serial: serial, vault: json["vault"]?.string, run: run)
    }

    private static func entry(_ json: JSON, _ path: String, _ line: Int) throws(StateFailure) -> Entry {
        guard let address = json["address"]?.string.flatMap(ResourceAddress.init(parsing:)), let record = json["record"]
        else {
            throw StateFailure(.corrupt, path: path, "line \(line) of the journal is no entry")
        }
        guard record != .null else { return Entry(address, nil) }
        do {
            return Entry(address, try ResourceRecord(json: record))
        } catch {
            throw StateFailure(.corrupt, path: path, "line \(line): \(ForeignText(error.path)) is missing or malformed")
        }
    }

    // MARK: Checks

    /// `CHECK JSON\n`: the first eight bytes of the line's SHA-256 in hexadecimal, against accidents only.
    private static func sealed(_ json: JSON) -> [UInt8] {
        let body = json.bytes()
        return check(body[...]) + [UInt8(ascii: " ")] + body + [UInt8(ascii: "\n")]
    }

    private static func opened(_ line: ArraySlice<UInt8>) -> JSON? {
        guard line.count > 17, line[line.startIndex + 16] == UInt8(ascii: " ") else { return nil }
        let body = line.dropFirst(17)
        guard line.prefix(16).elementsEqual(check(body)) else { return nil }
        return try? JSON(parsing: Array(body))
    }

    private static func check(_ body: ArraySlice<UInt8>) -> [UInt8] {
        Array(Hexadecimal.text(SHA256Digest.bytes(of: Array(body)).prefix(8)).utf8)
    }
}
