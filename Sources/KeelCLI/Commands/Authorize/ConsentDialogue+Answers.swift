import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelOAuth
import KeelPlan
import KeelSystem

/// How the answer comes back: by a browser on this machine, or copied by hand.
extension ConsentDialogue {
    /// How long a consent that is waited for here can be finished, in seconds.
    var lifetime: Int64 { max(1, request.timeout.components.seconds) }

    func show(_ begun: BegunCode, _ wait: RedirectWait?) async {
        let text = ConsentText(style: console.errorStyle)
        guard case .link(let link) = begun.consent.ask else { return }
        console.remark(text.link(link, subject: begun.consent.request.work.subject))
        guard let wait, let port = wait.redirectURI.listener?.port else {
            return console.remark(text.pasting)
        }
        if request.opensBrowser, await opens(link, wait) { console.remark("A browser was asked to open it.") }
        if context.environment.nonEmpty("SSH_CONNECTION") != nil {
            console.remark(text.forwarding(port: port, host: HostIdentity.hostName))
        }
        console.remark(text.waiting(port: port, until: begun.consent.expires))
    }

    /// What answers first: the browser that comes back, or the person who pastes where it ended.
    func answer(to begun: BegunCode, by wait: RedirectWait) async throws(StepFailure) -> RedirectAnswer {
        enum Event: Sendable { case arrived(Secret), pasted(RedirectAnswer), late, nobody }
        let event = await withTaskGroup(of: Event.self) { group in
            group.addTask { await wait.answer(to: begun).map { .arrived($0) } ?? .nobody }
            group.addTask {
                // The end of input is no answer: somebody may still use the browser.
                if let answer = await self.readAnswer() { return .pasted(answer) }
                try? await Task.sleep(for: request.timeout)
                return .late
            }
            group.addTask {
                try? await Task.sleep(for: request.timeout)
                return .late
            }
            let first = await group.next() ?? .nobody
            group.cancelAll()
            return first
        }
        switch event {
        case .arrived(let query):
            do throws(RedirectAnswer.Fault) {
                return try RedirectAnswer(query: query)
            } catch {
                throw authorizer.unreadable(error, begun.consent.request)
            }
        case .pasted(let answer): return answer
        case .late, .nobody:
            throw Task.isCancelled
                ? authorizer.interrupted(begun.consent) : authorizer.nobodyAnswered(begun.consent.request)
        }
    }

    /// The address that the browser ended at, from the terminal or standard input.
    func pasted(_ begun: BegunCode) async throws(StepFailure) -> RedirectAnswer {
        let consent = begun.consent.request
        guard Terminal.isTerminal(0) else {
            let text: [UInt8]
            do throws(FileFailure) {
                text = try context.files.read("/dev/stdin", limit: RedirectAnswer.longest) ?? []
            } catch {
                throw authorizer.unreadable(.tooLong, consent)
            }
            do throws(RedirectAnswer.Fault) {
                return try RedirectAnswer(pasted: Secret(copying: text))
            } catch {
                throw authorizer.unreadable(error, consent)
            }
        }
        StandardStream.error.write("The address that the browser ended at (it is not shown): ")
        let answer = await readAnswer()
        guard let answer else { throw authorizer.nobodyAnswered(consent) }
        return answer
    }

    /// Asks again until what was pasted can be an answer; nil at the end of input or when nobody wants it any more.
    private func readAnswer() async -> RedirectAnswer? {
        while let line = await Terminal.readHiddenLine() {
            StandardStream.error.write("\n")
            do throws(RedirectAnswer.Fault) {
                return try RedirectAnswer(pasted: line)
            } catch {
                console.remark("That is not the address: \(error). Once more: ")
            }
        }
        return nil
    }

    /// Whether a browser of this desktop was asked to open the link.
    private func opens(_ link: String, _ wait: RedirectWait) async -> Bool {
        let environment = context.environment
        guard environment.nonEmpty("DISPLAY") != nil || environment.nonEmpty("WAYLAND_DISPLAY") != nil,
            environment.nonEmpty("SSH_CONNECTION") == nil
        else { return false }
        return await DesktopBrowser.open(wait.address(leadingTo: link), environment)
    }

    // MARK: For somebody elsewhere

    /// The link or code, for whoever asked for it with --start.
    func announce(_ begun: BegunConsent) throws(StepFailure) {
        let slot = begun.request.slot
        guard !console.isJSON else { return try write(begun.json(resume: resumeCommand(begun)).text(), slot) }
        let text = ConsentText(style: console.outputStyle)
        try write(text.started(begun), slot)
        console.remark(text.resuming(begun, command: resumeCommand(begun)))
    }

    /// Says how to go on with a consent if the wait for it is cut off.
    func resumable<Result: Sendable>(
        _ begun: BegunConsent, _ body: () async throws(StepFailure) -> Result
    ) async throws(StepFailure) -> Result {
        do throws(StepFailure) {
            return try await body()
        } catch {
            if error.diagnostic.code == Authorizer.interruption {
                console.remark(
                    "The consent to \(begun.request.slot) can be finished until \(begun.expires):\n\n    \(resumeCommand(begun))\n"
                )
            }
            throw error
        }
    }

    private func resumeCommand(_ begun: BegunConsent) -> String {
        // Nothing but the option asks for a consent where one is in service.
        context.commandLine(
            ["authorize", begun.request.slot.description, "--resume"] + (request.again ? ["--again"] : []))
    }
}
