import KeelBase
import KeelDiagnostics

/// Makes what passwords are offered by as soon as an account needs it: for tokens alone, no key of fingerprints is read.
actor OfferedPasswords {
    typealias Outcome = Result<PasswordLogin, EngineFailure>

    private let make: @Sendable () async -> Outcome
    private var made: Task<Outcome, Never>?

    init(_ make: @escaping @Sendable () async -> Outcome) { self.make = make }

    func login(for address: ResourceAddress) async throws(StepFailure) -> PasswordLogin {
        switch await begun().value {
        case .success(let login): return login
        case .failure(let failure):
            // Who offers a password without knowing which were refused may lock the mailbox.
            var diagnostic =
                failure.diagnostics.first ?? .error("key.malformed", "the key for fingerprints of secrets is unusable")
            diagnostic.address = address
            throw StepFailure(diagnostic, weight: .failed)
        }
    }

    private func begun() -> Task<Outcome, Never> {
        if let made { return made }
        let make = make
        let task = Task { await make() }
        made = task
        return task
    }
}
