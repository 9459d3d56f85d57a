import KeelBase
import KeelVault

/// One renewal of one grant, from what was read under its lock.
struct RenewalAttempt: Sendable {
    let basis: RenewalBasis
    /// What is asked for: as stored, or a change that is being proven.
    let recipe: Recipe
    let vault: Vault
    /// Whom it is for, for words.
    let address: ResourceAddress
    let occasion: RenewalOccasion

    var record: GrantRecord { basis.record }
    var profile: ResourceAddress { ResourceAddress(.oauthProfile, record.profile) }
    var authorization: ResourceAddress { .authorization(profile: record.profile, subject: record.subject) }

    /// Whether something else is asked for than what is in service.
    var isTrial: Bool { recipe != basis.recipe.recipe }

    /// Whether nobody knows which refresh token the provider takes.
    var isInDoubt: Bool {
        !basis.interrupted.isEmpty || basis.refresh.contains { $0.state == .pending }
            || record.renewalProblem == GrantRenewer.rotationLoss
    }

    /// Whether somebody uses the access token, rather than keeping the grant alive.
    var isForUse: Bool {
        switch occasion {
        case .demand, .anyway: true
        case .due: false
        }
    }

    /// Whether what an earlier failure said is passed over.
    var insists: Bool {
        if case .anyway = occasion { true } else { false }
    }

    /// The access token that there is, if it has not lapsed and nobody has refused it.
    func lasting(at now: Timestamp) -> AccessToken? {
        guard let token = basis.access, token.lasts(at: now) else { return nil }
        if case .demand(let rejected?) = occasion, token.secret.matches(rejected) { return nil }
        return token
    }
}

extension AccessToken {
    /// Whether it has not lapsed.
    func lasts(at now: Timestamp) -> Bool { expires.map { $0 > now } ?? true }
}
