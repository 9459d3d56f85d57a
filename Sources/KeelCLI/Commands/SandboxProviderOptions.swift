import ArgumentParser
import KeelSandbox

/// How the sandbox's provider treats tokens, and whom it knows.
struct SandboxProviderOptions: ParsableArguments {
    @Option(help: "How long access tokens live, in seconds.")
    var tokenLifetime = 3600

    @Flag(help: "Give access tokens that are JWTs and say whose they are, instead of opaque ones.")
    var jwtTokens = false

    @Flag(help: "Let refresh tokens stay, instead of giving a new one with each refresh.")
    var noRotation = false

    @Flag(help: "Do not end a consent when a spent refresh token is shown again.")
    var noReuseDetection = false

    @Option(help: "For how many seconds a spent refresh token still works.")
    var reuseGrace = 0

    @Option(help: "How long refresh tokens live, in seconds; for ever without it.")
    var refreshLifetime: Int?

    @Flag(
        help:
            "Let a refresh ask for all that the application is registered for, not only for what the person was asked.")
    var widenFreely = false

    @Option(help: "How many seconds a device must let pass between two polls.")
    var deviceInterval = 5

    @Option(help: ArgumentHelp("Approve every consent at once, without a page, as this user.", valueName: "user"))
    var approveAs: String?

    @Option(help: ArgumentHelp("A file with the password of every user, for the grant password.", valueName: "file"))
    var userPassword: String?

    @Option(
        help: ArgumentHelp(
            "A public key or a certificate, as PEM, with which mailkeel-sandbox may sign in place of its secret.",
            valueName: "file"))
    var clientKey: [String] = []

    @Option(
        help: ArgumentHelp(
            "A public key, as PEM, of the issuer https://ci.sandbox.example, which vouches for mailkeel-sandbox.",
            valueName: "file"))
    var vouchingKey: [String] = []

    @Option(
        help: ArgumentHelp(
            "A public key, as PEM, of the service account robot@sandbox.example.", valueName: "file"))
    var serviceAccountKey: [String] = []

    func validate() throws {
        guard tokenLifetime > 0 else { throw ValidationError("--token-lifetime must be positive") }
        guard refreshLifetime.map({ $0 > 0 }) ?? true else {
            throw ValidationError("--refresh-lifetime must be positive")
        }
        guard reuseGrace >= 0 else { throw ValidationError("--reuse-grace must not be negative") }
        guard deviceInterval >= 0 else { throw ValidationError("--device-interval must not be negative") }
    }

    /// What they say, with paths as `located` finds them.
    func options(_ located: (String) -> String) -> SandboxOptions {
        var options = SandboxOptions()
        options.tokenLifetime = tokenLifetime
        options.tokensAreJWT = jwtTokens
        options.refresh.rotates = !noRotation
        options.refresh.detectsReuse = !noReuseDetection
        options.refresh.grace = reuseGrace
        options.refresh.lifetime = refreshLifetime
        options.refresh.widening = widenFreely ? .registered : .asked
        options.deviceInterval = deviceInterval
        options.approvesAs = approveAs
        options.keyFiles.userPassword = userPassword.map(located)
        options.keyFiles.client = clientKey.map(located)
        options.keyFiles.vouching = vouchingKey.map(located)
        options.keyFiles.serviceAccount = serviceAccountKey.map(located)
        return options
    }
}
