import KeelBase
import KeelModel
import KeelState

extension PlanDraft {
    /// Days before the end of a client secret from which plans mention it.
    private static let secretWarningDays: Int64 = 30

    mutating func addNotes() {
        for profile in input.desired.profiles {
            if let end = profile.secretExpires {
                noteExpiry(
                    of: profile, "client.secret", end, soon: "plan.secret-expires", over: "plan.secret-expired")
            }
            if let end = profile.certificateExpires {
                noteExpiry(
                    of: profile, "client.certificate", end, soon: "plan.certificate-expires",
                    over: "plan.certificate-expired")
            }
            if profile.clientSecret != nil, head(profile.address)?.digest != nil, profileCauses[profile.address] == nil
            {
                notes.append(
                    PlanNote(
                        code: "plan.secret-not-compared",
                        message: "client.secret was not compared; announce a rotation by its version",
                        address: profile.address))
            }
        }
        notePeople()
        noteGrants()
        noteUnproven()
        noteDeactivations()
        noteVault()
    }

    /// A vault that does not hold the state's grants is no difference, but nothing works with it: that is said loudly.
    private mutating func noteVault() {
        let path = input.vaultPath
        let slots = authorizations.map(\.address).filter { head($0)?.digest != nil }
        let replacing = ReplaceCommand(slots, in: input.place)?.advice
        switch input.vault {
        case .unreadable(let reason, let isDamaged):
            let remedy =
                isDamaged
                ? "Restore it from a backup, or move \(path) away, with its -wal and -shm"
                    + (replacing.map { ", and \($0)" } ?? "") : nil
            let words = ["the vault was not observed: \(reason)", remedy].compactMap(\.self).joined(separator: ". ")
            warn("plan.vault-not-observed", words)
        case .present(let id, _):
            guard let expected = input.committed?.vault, expected != id else { return }
            warn(
                "plan.other-vault",
                "the vault at \(path) (\(id)) is not the one of the state (\(expected)), so its grants were not observed. Put the right vault or state back"
                    + (replacing.map { ", or \($0)" } ?? ""))
        case .absent:
            guard input.committed?.vault != nil else { return }
            warn(
                "plan.vault-not-observed",
                "there is no vault at \(path), so nothing can log in"
                    + (replacing.map { ". If it is lost, \($0)" } ?? ""))
        }
    }

    private mutating func warn(_ code: String, _ message: String) {
        notes.append(PlanNote(code: code, message: message, address: nil, isWarning: true))
    }

    /// A promise for the end that the keeper cannot keep is said long before.
    private mutating func noteDeactivations() {
        for account in accounts where account.lifecycle.onDestroy == .deactivate {
            guard let keeper = keeper(of: account), !keeper.capabilities.deactivates else { continue }
            notes.append(
                PlanNote(
                    code: "plan.no-deactivation",
                    message:
                        "lifecycle.onDestroy: deactivate means no more than forget, because the keeper \(keeper.name) has no record that could stay inactive",
                    address: account.address))
        }
    }

    /// Accounts that are in service without proof, as their manifests want, are never passed over in silence.
    private mutating func noteUnproven() {
        let unproven = accounts.filter {
            $0.active && $0.proof == .deferred && changes[$0.address] == nil && head($0.address)?.isProven == false
        }
        guard !unproven.isEmpty else { return }
        let names = unproven.prefix(6).map(\.address.name).joined(separator: ", ")
        let more = unproven.count > 6 ? " and \(unproven.count - 6) more" : ""
        notes.append(
            PlanNote(
                code: "plan.unproven",
                message:
                    "\(counted(unproven.count, "account")) in service UNPROVEN, because the proof is deferred: \(names)\(more)",
                address: nil))
    }

    /// What only a person can do, and how to have it done.
    private mutating func notePeople() {
        let slots = steps.compactMap { step -> ResourceAddress? in
            guard case .authorize = step.work, step.needsPerson != .none else { return nil }
            return step.id.address
        }
        guard let first = slots.first else { return }
        let isSure = steps.contains { $0.needsPerson == .yes && $0.id.kind == .authorize }
        let words = slots.count == 1 ? [first.description] : ["--all"]
        notes.append(
            PlanNote(
                code: "plan.needs-person",
                message:
                    "\(counted(slots.count, "authorization")) \(isSure ? "will wait for a person" : "may need a person"); `\(ProjectCommand(["authorize"] + words, in: input.place))` asks for the consent",
                address: nil))
    }

    /// What the vault shows of grants in service, and what is left to renewals.
    private mutating func noteGrants() {
        for authorization in authorizations where authorizing[authorization.address] == nil {
            guard let profile = profiles[authorization.profile], !profile.grant.isCache,
                let facts = head(authorization.address)?.grant.flatMap(grantFacts), facts.status != .retired
            else { continue }
            if let problem = facts.problem {
                notes.append(
                    PlanNote(
                        code: "plan.renewal-failed",
                        message:
                            "its last renewal failed (\(ForeignText(problem.code))); the grant is kept, and the renewal is tried again",
                        address: authorization.address))
            }
            guard let remaining = RemainingTime(of: facts, profile, at: input.now), let mark = remaining.mark else {
                continue
            }
            notes.append(
                PlanNote(
                    code: "plan.grant-ends",
                    message:
                        "more than \(mark) % of its grant's time has passed: it ends on \(day(remaining.end)) unless it is renewed",
                    address: authorization.address, isWarning: mark >= 80))
        }
    }

    private mutating func noteExpiry(
        of profile: EffectiveProfile, _ what: String, _ end: Timestamp, soon: String, over: String
    ) {
        let days = (end.seconds - input.now.seconds) / 86400
        if end <= input.now {
            notes.append(
                PlanNote(
                    code: over, message: "\(what) expired on \(day(end))",
                    address: profile.address))
        } else if days <= Self.secretWarningDays {
            notes.append(
                PlanNote(
                    code: soon,
                    message: "\(what) expires on \(day(end)), in \(Self.span(days))",
                    address: profile.address))
        }
    }

    private static func span(_ days: Int64) -> String {
        switch days {
        case 0: "less than a day"
        case 1: "1 day"
        default: "\(days) days"
        }
    }

    func day(_ time: Timestamp) -> String { String(time.description.prefix(10)) }
}
