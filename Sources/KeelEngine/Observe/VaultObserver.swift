import KeelBase
import KeelPlan
import KeelVault

/// Looks at the vault as planning may: plain columns only, no key, not a byte written.
package enum VaultObserver {
    package static func observe(_ path: String, files: any FileStore) async -> VaultObservation {
        do throws(VaultFailure) {
            let vault = try await Vault.open(path: path, files: files, key: nil, access: .readOnly)
            let snapshot = try await vault.snapshot()
            await vault.close()
            return observation(of: snapshot)
        } catch {
            return observation(of: error)
        }
    }

    private static func observation(of failure: VaultFailure) -> VaultObservation {
        switch failure.code {
        case .missing: return .absent
        case .headless, .corrupt, .notAuthentic, .notAVault: return .unreadable(failure.description, isDamaged: true)
        default:
            let help = VaultRemedy()(failure).map { "; \($0)" } ?? ""
            return .unreadable(failure.description + help)
        }
    }

    static func observation(of snapshot: VaultSnapshot) -> VaultObservation {
        // What stands in an old copy may not be so any more, so nothing is concluded from it.
        if let quarantine = snapshot.quarantine {
            return observation(of: VaultFailure(.quarantined, quarantine.words))
        }
        var grants: [String: GrantFacts] = [:]
        for (id, record) in snapshot.grants {
            let status: GrantFacts.Status =
                switch record.status {
                case .candidate: .candidate
                case .current: .current
                case .retired: .retired
                }
            grants[id.text] = GrantFacts(
                profile: record.profile, subject: record.subject, status: status, scopes: record.scopes,
                client: record.clientDigest, isVerified: record.isVerified,
                created: record.created,
                problem: record.renewalProblem.map {
                    GrantFacts.RenewalProblem($0, needsConsent: record.renewalProblemClass == .reauthorize)
                },
                horizon: record.refreshHorizon.map { end in
                    // A failure is no renewal, though it was noted later.
                    GrantFacts.Horizon(
                        since: record.renewalProblem == nil ? record.updated : record.created, end: end)
                })
        }
        return .present(id: snapshot.vault, grants: grants)
    }
}
