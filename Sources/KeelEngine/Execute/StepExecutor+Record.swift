import KeelBase
import KeelCrypto
import KeelMail
import KeelPlan
import KeelState
import KeelVault

/// The record: what is committed, and what follows from it in the vault.
extension StepExecutor {
    /// Commits what the work says: to the journal first, then to the vault.
    func record(_ work: RecordWork, _ address: ResourceAddress) async throws(StepFailure) {
        guard let planned = work.record else { return try await forget(address) }
        let earlier = await state.record(of: address)?.committed
        let obtained = await obtainedGrant(planned, address)
        let grant = obtained?.text ?? (planned.authorization == nil ? nil : earlier?.grant)
        var proof = earlier?.proof
        if planned.proven, let login = await context.proof(of: address) {
            proof = ProofRecord(
                at: time.now, run: run, grant: grant,
                settings: CommittedRecord.digest(declared: [:], effective: planned.effective),
                mechanism: login.mechanism.rawValue)
        }
        let record = CommittedRecord(
            declared: planned.declared, effective: planned.effective,
            fingerprints: await fingerprints(of: address) ?? earlier?.fingerprints ?? [:], grant: grant, proof: proof,
            dependencies: planned.dependencies, external: earlier?.external ?? [:], committedAt: time.now, run: run)
        try await commit(address, ResourceRecord(committed: record))
        // The journal names the grant before the vault puts it into service: a crash in between is mended by the next run.
        if let obtained {
            try await serve(obtained, address, record, earlier)
        } else {
            try await register(address, record)
        }
        if address.kind == .authorization { try await clearFailures(of: planned.dependencies) }
    }

    /// The grant of this run that the record names. An account's is the one that proved it: what another account of the
    /// slot was proven with says nothing of this one.
    private func obtainedGrant(_ planned: PlannedRecord, _ address: ResourceAddress) async -> GrantID? {
        guard let authorization = planned.authorization, planned.proven || address.kind == .authorization else {
            return nil
        }
        return await context.grant(of: authorization)?.id
    }

    /// Puts a grant into service, and takes out what it replaces as soon as no account needs that.
    private func serve(
        _ grant: GrantID, _ address: ResourceAddress, _ record: CommittedRecord, _ earlier: CommittedRecord?
    ) async throws(StepFailure) {
        let definitions = [Definition(of: address, record)].compactMap { $0 }
        let unused = try await inVault { vault throws(VaultFailure) in
            try await vault.promote(grant, for: definitions.map(\.address), registering: definitions)
        }
        try await retire(unused.filter { $0 != grant }, after: earlier)
        guard address.kind == .authorization, let former = earlier?.grant.flatMap(GrantID.init(parsing:)),
            former != grant
        else { return }
        try await inVault { vault throws(VaultFailure) in
            do throws(VaultFailure) {
                try await vault.retire([former])
            } catch {
                // The last of its accounts that proves itself with the new one retires it.
                guard error.code == .inUse else { throw error }
            }
        }
    }

    /// Later observations count only for this grant and these settings.
    private func register(_ address: ResourceAddress, _ record: CommittedRecord) async throws(StepFailure) {
        guard vault != nil, let definition = Definition(of: address, record) else { return }
        try await inVault { vault throws(VaultFailure) in try await vault.register([definition]) }
    }

    private func forget(_ address: ResourceAddress) async throws(StepFailure) {
        let earlier = await state.record(of: address)?.committed
        try await commit(address, nil)
        guard vault != nil else { return }
        switch address.kind {
        case .emailAccount:
            let unused = try await inVault { vault throws(VaultFailure) in try await vault.forget(address) }
            try await retire(unused, after: earlier)
        case .authorization:
            guard let grant = earlier?.grant.flatMap(GrantID.init(parsing:)) else { return }
            try await inVault { vault throws(VaultFailure) in try await vault.retire([grant]) }
        case .oauthProfile: break
        }
    }

    /// Retires grants to which no account points any more, but not the one on which the account's slot still stands:
    /// another account may be proving itself with it at this moment.
    private func retire(_ unused: [GrantID], after earlier: CommittedRecord?) async throws(StepFailure) {
        var standing: Set<String> = []
        for slot in earlier?.dependencies ?? [] where slot.kind == .authorization {
            if let grant = await state.record(of: slot)?.committed?.grant { standing.insert(grant) }
        }
        let gone = unused.filter { !standing.contains($0.text) }
        guard !gone.isEmpty else { return }
        try await inVault { vault throws(VaultFailure) in try await vault.retire(gone) }
    }

    private func fingerprints(of address: ResourceAddress) async -> [String: Fingerprint]? {
        let secrets = await context.secrets(of: address)
        guard !secrets.isEmpty, let fingerprintKey else { return nil }
        let identifier = KeyIdentifier(of: fingerprintKey).description
        return secrets.mapValues {
            Fingerprint(
                key: identifier, code: Hexadecimal.text(MessageAuthentication.code(for: $0, key: fingerprintKey)))
        }
    }

    /// What a new grant was obtained through works again.
    private func clearFailures(of addresses: [ResourceAddress]) async throws(StepFailure) {
        for address in addresses {
            guard let entry = await state.record(of: address), entry.failure != nil, entry.committed != nil
            else { continue }
            try await commit(address, ResourceRecord(committed: entry.committed))
        }
    }
}

extension Definition {
    /// What observations of a committed account must match; nil for other kinds.
    init?(of address: ResourceAddress, _ record: CommittedRecord) {
        guard address.kind == .emailAccount else { return nil }
        self.init(
            of: address, grant: record.grant.flatMap(GrantID.init(parsing:)),
            settingsDigest: CommittedRecord.digest(declared: [:], effective: record.effective))
    }
}
