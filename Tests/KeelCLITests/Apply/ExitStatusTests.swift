import KeelBase
import KeelCLI
import KeelDiagnostics
import KeelEngine
import Testing

struct ExitStatusTests {
    static let orders: [(Set<Status>, [Int32])] = [
        ([], [0]),
        ([.changes], [2]),
        ([.pending, .unproven], [6, 8]),
        ([.unproven, .failed], [1, 6]),
        ([.policy, .failed], [1, 7]),
        ([.stalePlan, .policy, .lockHeld], [7, 4, 5]),
        ([.pending, .changes, .lockHeld, .stalePlan], [4, 5, 8, 2]),
        ([.failed, .interrupted], [130, 1]),
        ([.unformatted, .failed], [1, 3]),
        (
            [.changes, .pending, .unproven, .lockHeld, .stalePlan, .policy, .failed, .terminated],
            [143, 1, 7, 4, 5, 6, 8, 2]
        ),
    ]

    @Test(arguments: orders)
    func `of several codes the one that matters most ends the run`(applying: Set<Status>, expected: [Int32]) {
        #expect(Status.ordered(applying).map(\.rawValue) == expected)
    }

    private static let prevented = Diagnostic.error("plan.prevent-destroy", "it may not be destroyed")
    private static let mistake = Diagnostic.error("plan.not-supported", "it cannot be done")

    @Test func `what protects an account from destruction is a policy`() {
        #expect(Status.of([Self.prevented]) == .policy)
        #expect(Status.of([Self.prevented, .warning("plan.other", "look at it")]) == .policy)
        #expect(Status.of([Self.mistake, Self.prevented]) == .failed)
        #expect(Status.of([Self.mistake]) == .failed)
    }

    @Test func `a failure of the engine says by its reason how the command ends`() {
        #expect(Status.of(EngineFailure([Self.mistake])) == .failed)
        #expect(Status.of(EngineFailure([Self.prevented])) == .policy)
        #expect(Status.of(EngineFailure([], reason: .locked)) == .lockHeld)
        #expect(Status.of(EngineFailure(stale: [Rows.profile])) == .stalePlan)
    }
}
