import KeelBase
import KeelEngine
import KeelOAuth
import KeelSystem

/// Consent by a code on another device.
extension ConsentDialogue {
    func device(_ consent: ConsentRequest) async throws(StepFailure) -> GivenConsent {
        let begun = try await authorizer.beginDevice(consent)
        show(begun.consent)
        return try await finish(begun)
    }

    func startDevice(_ consent: ConsentRequest) async throws(StepFailure) -> GivenConsent? {
        try announce(try await authorizer.beginDevice(consent).consent)
        return nil
    }

    func resumeDevice(_ consent: ConsentRequest) async throws(StepFailure) -> GivenConsent {
        guard let begun = try await authorizer.resumeDevice(consent) else { throw authorizer.nothingBegun(consent) }
        if !console.isJSON {
            console.remark("Waiting until the code was entered; it is good until \(begun.consent.expires).")
        }
        return try await finish(begun)
    }

    private func finish(_ begun: BegunDevice) async throws(StepFailure) -> GivenConsent {
        try await resumable(begun.consent) { () async throws(StepFailure) -> GivenConsent in
            try await authorizer.finish(begun, patience: request.timeout)
        }
    }

    private func show(_ begun: BegunConsent) {
        guard case .code(let code, let place, let complete) = begun.ask else { return }
        let text = ConsentText(style: console.errorStyle)
        console.remark(text.code(code, at: place, until: begun.expires))
        if let complete { console.remark("This link has the code in it: \(complete)") }
        console.remark("Waiting until it was entered.")
    }
}
