import KeelBase

/// What a vault is under that was copied: its refresh tokens may be older than what their providers know, and a provider that
/// detects the use of an old one ends the whole grant. So none is used before somebody accepts that.
package struct Quarantine: Sendable, Hashable {
    /// When the copy was made.
    package let copied: Timestamp
    /// Grants of which the vault that was replaced had newer tokens, or which only that one had.
    package let behind: [GrantID]

    /// What it means.
    package var words: String {
        "it is a copy of \(copied), whose refresh tokens may be older than what their providers know; none is used before that is accepted"
    }
}

/// The rows of `meta` that say so. A copy is marked when it is made, so that it is quarantined however it is put into place.
enum QuarantineMark {
    private static let copied = "quarantine"
    private static let behind = "quarantine_behind"

    static func read(_ connection: Connection) throws(VaultFailure) -> Quarantine? {
        guard let text = try value(copied, connection) else { return nil }
        guard let time = Timestamp(parsing: text) else {
            throw VaultFailure(.corrupt, "the time at which the vault was copied cannot be read")
        }
        let ids = try value(behind, connection) ?? ""
        return Quarantine(
            copied: time, behind: ids.split(separator: " ").compactMap { GrantID(parsing: String($0)) })
    }

    static func write(_ quarantine: Quarantine, _ connection: Connection) throws(VaultFailure) {
        let ids = quarantine.behind.map(\.text).joined(separator: " ")
        for (name, text) in [(copied, quarantine.copied.description), (behind, ids)] {
            try connection.run("INSERT OR REPLACE INTO meta (name, value) VALUES (?1, ?2)", .text(name), .text(text))
        }
    }

    static func remove(_ connection: Connection) throws(VaultFailure) {
        try connection.run("DELETE FROM meta WHERE name IN (?1, ?2)", .text(copied), .text(behind))
    }

    /// Throws `.quarantined` before anything is done that a provider would see.
    static func requireNone(_ connection: Connection) throws(VaultFailure) {
        guard let quarantine = try read(connection) else { return }
        throw VaultFailure(.quarantined, quarantine.words)
    }

    private static func value(_ name: String, _ connection: Connection) throws(VaultFailure) -> String? {
        try connection.first("SELECT value FROM meta WHERE name = ?1", .text(name)) { row throws(VaultFailure) in
            try row.text(0)
        }
    }
}

extension Vault {
    /// Whether the vault is a copy that nobody has accepted yet. No key is needed for that.
    package func quarantine() async throws(VaultFailure) -> Quarantine? {
        try await reading { connection throws(VaultFailure) in try QuarantineMark.read(connection) }
    }

    /// Lets the tokens of a copied vault be used; notes `entry`. False if it was in no quarantine.
    ///
    /// What belongs to the time of the copy goes: pending consents, and breakers.
    package func acceptRestored(noting entry: AuditEntry) async throws(VaultFailure) -> Bool {
        try await writing { connection throws(VaultFailure) in
            guard try QuarantineMark.read(connection) != nil else { return false }
            try QuarantineMark.remove(connection)
            try connection.run("DELETE FROM flows")
            try connection.run("DELETE FROM endpoints")
            try append(entry, connection)
            return true
        }
    }
}
