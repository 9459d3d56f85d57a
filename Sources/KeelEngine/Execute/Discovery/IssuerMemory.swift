import KeelBase

/// The metadata documents that runs have found, in one small file, each for as long as its issuer says.
///
/// It saves requests and is worth nothing else: what cannot be read or written counts as not there.
package struct IssuerMemory: Sendable {
    private let path: String
    private let directory: String
    private let files: any FileStore
    /// The most that the file may hold, in bytes.
    private static let limit = 1024 * 1024
    private static let version = 1

    package init(_ paths: ProjectPaths, files: any FileStore) {
        directory = paths.hidden
        path = "\(paths.hidden)/issuers.json"
        self.files = files
    }

    private struct Entry {
        let found: Int64
        let expires: Int64
        let document: String

        /// A clock that was set back makes it neither younger nor older.
        func holds(at now: Timestamp) -> Bool { found <= now.seconds && now.seconds < expires }
    }

    /// The document of an issuer, if it was found under the same trust and still holds.
    func document(of issuer: String, _ trust: Trust, at now: Timestamp) -> Secret? {
        guard let entry = read()[Self.key(issuer, trust)], entry.holds(at: now) else { return nil }
        return Secret(copying: entry.document)
    }

    /// Remembers a document for so many seconds. It makes no directory: a project without anything stored gets none for this.
    func keep(_ document: Secret, of issuer: String, _ trust: Trust, for seconds: Int64, at now: Timestamp) {
        guard (try? files.mode(directory)) ?? nil != nil else { return }
        var entries = read().filter { $0.value.holds(at: now) }
        entries[Self.key(issuer, trust)] = Entry(
            found: now.seconds, expires: now.seconds + seconds, document: document.revealText())
        let json = JSON.object([
            .init("version", .integer(Self.version)),
            .init(
                "issuers",
                .sorted(
                    entries.map { key, entry in
                        (
                            key: key,
                            value: .object([
                                .init("found", .integer(Int(entry.found))),
                                .init("expires", .integer(Int(entry.expires))),
                                .init("document", .string(entry.document)),
                            ])
                        )
                    })),
        ])
        let bytes = json.bytes(.pretty)
        guard bytes.count <= Self.limit else { return }
        try? files.replace(path, with: bytes)
    }

    private func read() -> [String: Entry] {
        guard let bytes = try? files.read(path, limit: Self.limit), let json = try? JSON(parsing: bytes),
            json["version"]?.integer == Self.version, let members = json["issuers"]?.members
        else { return [:] }
        var entries: [String: Entry] = [:]
        for member in members {
            guard let found = member.value["found"]?.integer, let expires = member.value["expires"]?.integer,
                let document = member.value["document"]?.string
            else { continue }
            entries[member.name] = Entry(found: Int64(found), expires: Int64(expires), document: document)
        }
        return entries
    }

    private static func key(_ issuer: String, _ trust: Trust) -> String {
        trust.caFile.map { "\(issuer) \($0)" } ?? issuer
    }
}
