import KeelBase
import KeelState
import KeelVault

/// Mends what a killed run left between journal and vault, by the written rules of the commit order.
struct RunRecovery: Sendable {
    let state: StateRun
    let vault: Vault

    /// Returns what was found and done.
    func mend() async throws(EngineFailure) -> [String] {
        let document = await state.document
        do throws(VaultFailure) {
            let snapshot = try await vault.snapshot()
            // What an old copy lacks or has too much need not be what a killed run left.
            guard snapshot.quarantine == nil else { return [] }
            let renamed = try await rename(document, snapshot)
            let promoted = try await promote(document, snapshot)
            let forgotten = try await forget(document, snapshot)
            let retired = try await retire(document, snapshot)
            try await withdrawRevocations(document, snapshot)
            var findings: [String] = []
            if renamed > 0 {
                findings.append(
                    "An earlier run had renamed \(counted(renamed, "profile")) whose grants still had the old name in the vault; now they have the new one."
                )
            }
            if promoted > 0 {
                findings.append(
                    "An earlier run had committed \(counted(promoted, "record")) whose grant was not yet in service; now it is."
                )
            }
            if forgotten > 0 {
                findings.append(
                    "An earlier run had removed \(counted(forgotten, "account")) that the vault still served; now that is forgotten there too."
                )
            }
            if retired > 0 {
                findings.append(
                    "An earlier run had left \(counted(retired, "grant")) that no record names; now retired.")
            }
            return findings
        } catch {
            throw EngineFailure(error)
        }
    }

    /// A slot's grant stands in the vault under a profile that the state no longer has: it was renamed, and the vault did
    /// not follow. Consents are found by that name.
    private func rename(_ document: StateDocument, _ snapshot: VaultSnapshot) async throws(VaultFailure) -> Int {
        guard document.vault == snapshot.vault else { return 0 }
        var renames: [ResourceAddress: ResourceAddress] = [:]
        for slot in document.addresses {
            guard let profile = slot.slotProfile,
                let known = document.head(slot)?.grant.flatMap(GrantID.init(parsing:)).flatMap({ snapshot.grants[$0] }),
                known.profile != profile
            else { continue }
            let old = ResourceAddress(.oauthProfile, known.profile)
            if document.head(old) == nil { renames[old] = ResourceAddress(.oauthProfile, profile) }
        }
        for (old, new) in renames { try await vault.rename(old, to: new) }
        return renames.count
    }

    /// The state names a grant that the vault has not put into service: promote it.
    private func promote(_ document: StateDocument, _ snapshot: VaultSnapshot) async throws(VaultFailure) -> Int {
        guard document.vault == snapshot.vault else { return 0 }
        let named = Self.named(document)
        var count = 0
        for address in document.addresses {
            guard let grant = document.head(address)?.grant.flatMap(GrantID.init(parsing:)),
                let facts = snapshot.grants[grant], facts.status != .retired
            else { continue }
            let isServed = address.kind != .emailAccount || snapshot.accounts[address] == grant
            guard facts.status == .candidate || !isServed, let record = try committed(address, document) else {
                continue
            }
            let definitions = [Definition(of: address, record)].compactMap { $0 }
            let unused = try await vault.promote(grant, for: definitions.map(\.address), registering: definitions)
            try await vault.retire(unused.filter { !named.contains($0.text) })
            count += 1
        }
        return count
    }

    /// The vault serves an account that the state no longer has: forget it. Its grant is retired with the other orphans.
    private func forget(_ document: StateDocument, _ snapshot: VaultSnapshot) async throws(VaultFailure) -> Int {
        // Of a state that lost its memory nothing is concluded.
        guard document.vault == snapshot.vault else { return 0 }
        let ghosts = snapshot.accounts.keys.filter { document.head($0)?.digest == nil }.sorted()
        for account in ghosts { try await vault.forget(account) }
        return ghosts.count
    }

    /// Grants that nothing names are retired, if getting them again costs no person's time or a run meant to revoke them; other
    /// consents are kept, and the next plan may adopt them.
    private func retire(_ document: StateDocument, _ snapshot: VaultSnapshot) async throws(VaultFailure) -> Int {
        let named = Self.named(document)
        let isKnown = document.vault == snapshot.vault
        let announced = isKnown ? Set(snapshot.tombstones.map(\.grant)) : []
        let pointed = Set(snapshot.accounts.filter { !isKnown || document.head($0.key)?.digest != nil }.values)
        let orphans = snapshot.grants.values.filter {
            $0.status != .retired && ($0.type.isCache || announced.contains($0.id)) && !named.contains($0.id.text)
                && !pointed.contains($0.id)
        }.map(\.id)
        try await vault.retire(orphans)
        return orphans.count
    }

    /// A run that was to take a grant out of service and revoke it did not come to that: the next plan decides anew.
    private func withdrawRevocations(
        _ document: StateDocument, _ snapshot: VaultSnapshot
    ) async throws(VaultFailure) {
        let named = Self.named(document)
        for tombstone in snapshot.tombstones where named.contains(tombstone.grant.text) {
            try await vault.removeTombstone(of: tombstone.grant)
        }
    }

    private static func named(_ document: StateDocument) -> Set<String> {
        Set(document.addresses.compactMap { document.head($0)?.grant })
    }

    private func committed(_ address: ResourceAddress, _ document: StateDocument) throws(VaultFailure)
        -> CommittedRecord?
    {
        do throws(StateFailure) {
            return try document.committed(address)
        } catch {
            throw VaultFailure(.corrupt, "the state's record of \(address) cannot be read: \(error)")
        }
    }
}
