import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelOAuth
import KeelPlan
import KeelSystem

/// Talks with whoever is here about one consent after the other.
struct ConsentDialogue {
    let context: CommandContext
    let request: AuthorizeRequest
    let authorizer: Authorizer
    /// The refresh token that was given to be adopted.
    let adopted: Secret?
    let stop: StopRequest
    let total: Int

    /// How long what --start began may wait: whoever consents may be asleep.
    static let startedLifetime: Int64 = 24 * 3600

    var console: Console { context.console }

    /// Whether a candidate is in the vault now; false where something was only begun.
    func run(_ consent: ConsentRequest, _ number: Int) async throws(StepFailure) -> Bool {
        if !console.isJSON { console.remark(ConsentText(style: console.errorStyle).intent(consent, number, of: total)) }
        let given: GivenConsent?
        switch (request.way, consent.client.grant) {
        case (.adopt, _): given = try await adopt(consent)
        case (.start, .deviceCode): given = try await startDevice(consent)
        case (.start, _): given = try await startCode(consent)
        case (.resume, .deviceCode): given = try await resumeDevice(consent)
        case (.resume, _): given = try await resumeCode(consent)
        case (.here, .deviceCode): given = try await device(consent)
        case (.here, _): given = try await code(consent)
        }
        guard let given else { return false }
        try say(given)
        return true
    }

    /// Nothing of it is cut off: the provider may replace the token with the first question.
    private func adopt(_ consent: ConsentRequest) async throws(StepFailure) -> GivenConsent {
        stop.mayBeCutOffAtOnce(false)
        defer { stop.mayBeCutOffAtOnce(true) }
        return try await authorizer.adopt(adopted ?? Secret(copying: ""), consent)
    }

    private func say(_ given: GivenConsent) throws(StepFailure) {
        // It is about the provider, and has no place in a manifest.
        if let doubt = given.doubt { try? console.show([doubt], sources: SourceMap()) }
        if console.isJSON { return try write(given.json.text(), given.slot) }
        // What was asked for again waited for nobody, so no earlier run has its approval.
        let apply = context.commandLine(["apply"] + (request.again ? [] : ["--pending"]))
        console.remark(ConsentText(style: console.errorStyle).given(given, apply: apply))
    }

    /// What nobody reads was done nonetheless, and the vault knows of it.
    func write(_ line: String, _ slot: ResourceAddress) throws(StepFailure) {
        do { try console.output(line + "\n") } catch {
            throw StepFailure(
                Diagnostic(
                    .error, "authorize.unwritten",
                    "what came of \(slot) could not be written to standard output; it is kept in the vault",
                    help: "free some space there, and run mailkeel plan, which says what is left to do", address: slot,
                    responsible: .operatorHere))
        }
    }

    // MARK: By link

    /// The declared redirect URI; any free port of loopback if none is.
    private func redirectURI(_ consent: ConsentRequest) throws(StepFailure) -> RedirectURI {
        do throws(RedirectURI.Fault) {
            return try RedirectURI(declared: consent.client.redirectURI)
        } catch {
            throw authorizer.unusable("the redirect URI \(error)", "redirectURI", consent)
        }
    }

    private func code(_ consent: ConsentRequest) async throws(StepFailure) -> GivenConsent {
        let declared = try redirectURI(consent)
        guard let listener = declared.listener else { return try await code(consent, pastedTo: declared) }
        let wait: RedirectWait
        do throws(ListeningFailure) {
            wait = try await RedirectWait.start(declared, listener, by: LoopbackServing())
        } catch {
            // Another program has the registered port: the address can still be copied by hand.
            console.remark("Cannot listen for the answer: \(error). Paste the address instead.")
            return try await code(consent, pastedTo: declared)
        }
        do throws(StepFailure) {
            let begun = try await authorizer.beginCode(consent, redirectURI: wait.redirectURI, lifetime: lifetime)
            await show(begun, wait)
            let answer = try await resumable(begun.consent) { () async throws(StepFailure) -> RedirectAnswer in
                try await self.answer(to: begun, by: wait)
            }
            let given = try await redeem(begun, answer)
            await wait.stop()
            return given
        } catch {
            await wait.stop()
            throw error
        }
    }

    private func code(_ consent: ConsentRequest, pastedTo uri: RedirectURI) async throws(StepFailure) -> GivenConsent {
        let begun = try await authorizer.beginCode(consent, redirectURI: uri, lifetime: lifetime)
        await show(begun, nil)
        return try await redeem(begun, try await pasted(begun))
    }

    private func startCode(_ consent: ConsentRequest) async throws(StepFailure) -> GivenConsent? {
        let begun = try await authorizer.beginCode(
            consent, redirectURI: try redirectURI(consent), lifetime: Self.startedLifetime)
        try announce(begun.consent)
        return nil
    }

    private func resumeCode(_ consent: ConsentRequest) async throws(StepFailure) -> GivenConsent {
        guard let begun = try await authorizer.resumeCode(consent) else { throw authorizer.nothingBegun(consent) }
        return try await redeem(begun, try await pasted(begun))
    }

    /// From here to the candidate nothing is cut off: the code works once.
    private func redeem(_ begun: BegunCode, _ answer: RedirectAnswer) async throws(StepFailure) -> GivenConsent {
        stop.mayBeCutOffAtOnce(false)
        defer { stop.mayBeCutOffAtOnce(true) }
        return try await authorizer.redeem(begun, answer)
    }
}
