import KeelBase

/// Who holds the state lock, in the members that Terraform's lock files have, so that people and tools can read it.
package struct LockRecord: Sendable, Equatable {
    package var id: String
    package var operation: String
    package var who: String
    package var version: String
    package var created: Timestamp
    /// The process id, and the URL of the CI job when there is one.
    package var info: String
    /// The state that is locked.
    package var path: String

    package init(
        id: String, operation: String, who: String, version: String, created: Timestamp, info: String, path: String
    ) {
        self.id = id
        self.operation = operation
        self.who = who
        self.version = version
        self.created = created
        self.info = info
        self.path = path
    }

    package var json: JSON {
        .object([
            .init("ID", .string(id)), .init("Operation", .string(operation)), .init("Info", .string(info)),
            .init("Who", .string(who)), .init("Version", .string(version)),
            .init("Created", .string(created.description)), .init("Path", .string(path)),
        ])
    }

    /// Reads what any program wrote in this form, cleaned of what could disturb a terminal.
    package init?(parsing bytes: [UInt8]) {
        guard let json = try? JSON(parsing: bytes), let id = json["ID"]?.string,
            let created = json["Created"]?.string.flatMap(Timestamp.init(parsing:))
        else { return nil }
        func clean(_ name: String) -> String { ForeignText(json[name]?.string ?? "").text }
        self.init(
            id: ForeignText(id).text, operation: clean("Operation"), who: clean("Who"), version: clean("Version"),
            created: created, info: clean("Info"), path: clean("Path"))
    }

    /// `ci@runner (apply, since 2026-11-21T08:44:29Z, pid 4711)`.
    package var summary: String { "\(who) (\(operation), since \(created), \(info))" }
}
