import KeelBase
import KeelOAuth
import KeelVault

/// What providers say of access tokens in one run. Who asks about a token of which another account asks already waits for that
/// answer, also where it is none: a provider that is down is not asked again for each account.
actor TokenIntrospections {
    private struct Question {
        let token: Secret
        let answer: Task<IntrospectedToken?, Never>
    }

    /// The last one about each grant: a grant's token may be renewed in the middle of a run.
    private var questions: [GrantID: Question] = [:]

    /// The answer about the token of a grant, by `ask` where nobody has asked.
    func answer(
        on token: Secret, of grant: GrantID, _ ask: @escaping @Sendable () async -> IntrospectedToken?
    ) async -> IntrospectedToken? {
        let answer: Task<IntrospectedToken?, Never>
        if let earlier = questions[grant], earlier.token.matches(token) {
            answer = earlier.answer
        } else {
            answer = Task { await ask() }
            questions[grant] = Question(token: token, answer: answer)
        }
        // All who wait belong to one run, and are cancelled together.
        return await withTaskCancellationHandler {
            await answer.value
        } onCancel: {
            answer.cancel()
        }
    }
}
