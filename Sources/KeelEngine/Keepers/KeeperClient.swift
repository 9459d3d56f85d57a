import KeelBase
import KeelPlan

/// A keeper as a run reaches it: the other half of `Keeper`, which plans.
///
/// Every call may fail, be repeated after a crash, and take long; none decides anything.
package protocol KeeperClient: Sendable {
    /// The record of an account as it is now, found by its ids if any are known, else by what names it at the keeper.
    func read(_ address: ResourceAddress, external: [String: String]) async -> RecordReading
    /// Does one write and returns the ids and versions that are known after it.
    ///
    /// `external` has those of the writes before, and the version that the record must still have.
    func write(
        _ write: KeeperWrite, of address: ResourceAddress, external: [String: String]
    ) async throws(KeeperFailure) -> [String: String]
    /// Sees to it that the keeper has a grant for the account.
    func authorize(
        _ address: ResourceAddress, external: [String: String]
    ) async throws(KeeperFailure) -> KeeperAuthorization
    /// Proves the account as far as the keeper can; returns by what.
    func prove(_ address: ResourceAddress, external: [String: String]) async throws(KeeperFailure) -> String
}

/// Whether a keeper has a grant.
package enum KeeperAuthorization: Sendable, Equatable {
    case authorized
    /// Somebody must consent at the keeper.
    case needsPerson(PendingAction)
}

/// Why a keeper did not do what it was asked.
package struct KeeperFailure: Error, Sendable {
    /// A stable name: `refused`, `conflict`, `unreachable`.
    package let code: String
    /// What happened, in words of this program.
    package let message: String
    /// What mends it.
    package let help: String?
    package let answer: ServerAnswer?
    package let responsible: Responsible

    package init(
        code: String, message: String, help: String? = nil, answer: ServerAnswer? = nil, responsible: Responsible
    ) {
        self.code = code
        self.message = message
        self.help = help
        self.answer = answer
        self.responsible = responsible
    }
}

/// A keeper with both of its halves.
package struct KeeperBinding: Sendable {
    package let keeper: any Keeper
    package let client: any KeeperClient

    package init(_ keeper: any Keeper, _ client: any KeeperClient) {
        self.keeper = keeper
        self.client = client
    }
}
