import KeelBase
import KeelCrypto

/// How far a rekey has come. It is not stored: a rekey that was interrupted passes over what is done already.
package struct RekeyProgress: Sendable, Hashable {
    enum Stage: Sendable, Hashable {
        /// After the grant of that id.
        case grants(String)
        /// After the account of that name.
        case accounts(String)
        case rest
        case done
    }

    var stage = Stage.grants("")
    /// How many values and codes were made anew.
    package internal(set) var renewed = 0
    /// What could not be opened under any key at hand, and stays as it is: it was damaged before.
    package internal(set) var damaged: [String] = []

    package init() {}

    package var isDone: Bool { stage == .done }
}

/// The keys of a vault, by name.
package struct VaultKeyNames: Sendable, Hashable {
    package let current: KeyIdentifier?
    /// Those that some values may still be under: then a rekey is unfinished.
    package let retiring: [KeyIdentifier]
    /// Those that only old backups and old audit entries know.
    package let former: [KeyIdentifier]
    /// How each of those that seal follows from a passphrase, for those that do.
    package let derivations: [KeyIdentifier: PassphraseDerivation]
}

extension Vault {
    /// By which keys the vault is sealed. No key is needed for that.
    package func keyNames() async throws(VaultFailure) -> VaultKeyNames {
        try await reading { connection throws(VaultFailure) in
            let table = KeyTable(vault: id, connection: connection)
            let rows = try table.all()
            return VaultKeyNames(
                current: rows.first { $0.status == .current }?.id,
                retiring: rows.filter { $0.status == .retiring }.map(\.id), former: try table.former(),
                derivations: try table.derivations())
        }
    }

    /// Lets the vault seal with another key from now on; what is there stays under the one before until `rekey` has come to it.
    ///
    /// The key must be durable where it belongs before this is called. Nothing happens if it is the vault's already; throws
    /// `.conflict` while another rekey is unfinished.
    package func beginRekey(
        to key: Secret, _ derivation: PassphraseDerivation? = nil, noting entry: AuditEntry
    ) async throws(VaultFailure) {
        let keys = try needKeys()
        let new = VaultKey(key, derivation)
        try await writing { connection throws(VaultFailure) in
            let table = KeyTable(vault: id, connection: connection)
            let rows = try table.all()
            guard !rows.contains(where: { $0.id == new.identifier && $0.status == .current }) else {
                return keys.use(new)
            }
            guard !rows.contains(where: { $0.status == .retiring }) else {
                throw VaultFailure(.conflict, "another change of the key is unfinished")
            }
            for row in rows { try table.retire(row.id) }
            try table.insert(new, .current, time.now)
            keys.use(new)
            try append(entry, connection)
        }
    }

    /// Makes the next values and codes anew under the current key, at most about `count` of them, in one transaction; goes on
    /// from `progress` until that is done.
    ///
    /// Every value and code names its key, so this may be broken off anywhere and begun again. Others go on working with either
    /// key meanwhile. Throws `.keyNeeded` if a key is lacking under which something is still sealed. The last step takes the
    /// former key out of service, and notes `entry`.
    package func rekey(
        _ progress: RekeyProgress, atMost count: Int = 500, noting entry: AuditEntry
    ) async throws(VaultFailure) -> RekeyProgress {
        let keys = try needKeys()
        return try await writing { connection throws(VaultFailure) in
            var work = RekeyWork(vault: id, keys: keys, connection: connection, progress: progress)
            try work.requireKeys()
            switch progress.stage {
            case .grants(let last): try work.renewGrants(after: last, atMost: count)
            case .accounts(let last): try work.renewAccounts(after: last, atMost: count)
            case .rest:
                try work.renewRest()
                // What others wrote behind us under the former key: few, so in this transaction.
                try work.renewWrittenMeanwhile()
                if try work.finish(time.now) { try append(entry, connection) }
            case .done: break
            }
            return work.progress
        }
    }
}
