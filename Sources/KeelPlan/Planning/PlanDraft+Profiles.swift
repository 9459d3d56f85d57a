import KeelBase
import KeelDiagnostics
import KeelModel
import KeelState

extension PlanDraft {
    mutating func compare(_ profile: EffectiveProfile) {
        let address = profile.address
        let digest = profile.spec.recordDigest
        guard let before = head(address)?.digest else {
            changes[address] = Change(
                address, .create, fields: FieldDiff.creation(profile.spec),
                reasons: borrowedSecret(profile).map { [$0] } ?? [], found: found(address), wanted: digest,
                place: profile.spec.place)
            profileCauses[address] = .other
            return
        }
        let previous = renames.previous[address]
        guard before != digest || previous != nil, let record = committed(address) else { return }
        let diff = FieldDiff(.oauthProfile, before: record.effective, after: profile.spec.effective) { field in
            FieldTable.oauthProfile.definition(field)?.effect ?? .record
        }
        var reasons = diff.movedPresets + NewHost.reasons(diff.changes)
        if diff.changes.contains(where: { $0.field == "client.secret" }) {
            reasons += borrowedSecret(profile).map { [$0] } ?? []
        }
        if let previous { reasons.append(Reason(.moved, "moved from \(previous)")) }
        let isReworded = diff.changes.isEmpty && record.declared != profile.spec.declared
        if isReworded { reasons.append(Self.reworded) }
        guard !diff.changes.isEmpty || isReworded || previous != nil else { return }
        changes[address] = Change(
            address, diff.changes.isEmpty && !isReworded ? .move : .update, fields: diff.changes, reasons: reasons,
            previous: previous, found: found(address), wanted: digest, place: profile.spec.place)
        if diff.effects.contains(.identity) {
            profileCauses[address] = .identity
        } else if !diff.effects.isDisjoint(with: [.consent, .credential, .connection]) {
            profileCauses[address] = .other
        }
    }

    /// When only the way in which the manifest says it moved: `port: 993` written out, say.
    static let reworded = Reason(.reworded, "the manifest says it in another way; nothing else changes")

    /// Adds what records each changed profile: once its client was accepted, where tokens are asked for.
    mutating func addProfileSteps() {
        for profile in input.desired.profiles {
            guard let change = changes[profile.address] else { continue }
            let usable = usableSteps[profile.address]
            let isProven = usable != nil
            let step = Step(
                profile.address,
                .record(
                    .commit(
                        PlannedRecord(
                            values: .of(profile.spec), dependencies: [], authorization: nil,
                            proof: isProven ? .login : profileCauses[profile.address] == nil ? .earlier : .none,
                            settings: isProven ? profile.spec.settingsDigest : nil, previous: change.previous))),
                after: usable.map { [$0] } ?? [], reasons: change.reasons, preconditions: [asFound(profile.address)])
            steps.append(step)
            recordSteps[profile.address] = step.id
        }
    }

    /// Adds, once for each profile, what must be known before tokens can be asked for: secrets, endpoints, and whether
    /// the client is accepted at all, so that a wrong secret is one failure.
    mutating func prepare(
        _ profile: EffectiveProfile, _ authorization: EffectiveAuthorization, _ client: ClientWork
    ) -> [StepID] {
        if let ids = preparations[profile.address] { return ids }
        var prepared: [Step] = []
        if !profile.credentials.isEmpty {
            let secrets = Dictionary(
                uniqueKeysWithValues: profile.credentials.map { ($0.key.rawValue, $0.value) })
            prepared.append(Step(profile.address, .resolve(ResolveWork(secrets: secrets)), after: []))
        }
        if let work = client.discovery { prepared.append(Step(profile.address, .discover(work), after: [])) }
        let verify = Step(
            profile.address,
            .verifyClient(VerifyClientWork(client: client, how: .of(profile, for: authorization.subject))),
            after: prepared.map(\.id), reasons: changes[profile.address]?.reasons ?? [])
        usableSteps[profile.address] = verify.id
        prepared.append(verify)
        steps += prepared
        let ids = prepared.map(\.id)
        preparations[profile.address] = ids
        return ids
    }
}

extension VerifyClientWork.How {
    /// How the client of a profile is verified that is to act for `subject`.
    fileprivate static func of(_ profile: EffectiveProfile, for subject: String) -> Self {
        switch profile.grant {
        case .clientCredentials: .token
        case .jwtBearer: .assertion(subject: subject)
        case .authorizationCode:
            // Only the metadata tell, later, whether the provider takes pushed requests.
            .probe(
                profile.known.pushedAuthorization != nil || profile.issuer != nil
                    ? [.pushedAuthorization, .refresh] : [.refresh])
        case .deviceCode: .probe([.deviceAuthorization, .refresh])
        case .password: .probe([.refresh])
        }
    }
}
