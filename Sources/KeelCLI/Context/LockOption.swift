import ArgumentParser

/// How long to wait for the lock of another run.
struct LockOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Wait this long for the state lock if another run holds it: 30s, 5m. 0s, one try, if not given.",
            valueName: "duration"),
        transform: WaitingTime.parse)
    var lockTimeout = Duration.zero
}

/// Times as Terraform's users write them: `0s`, `90s`, `1m30s`, `1.5h`.
package enum WaitingTime {
    private static let units: [(name: String, seconds: Double)] = [
        ("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400),
    ]
    /// Nobody waits longer; more is a mistake, and larger numbers would overflow.
    private static let longest = 30.0 * 24 * 3600

    package static func parse(_ text: String) throws -> Duration {
        if text == "0" { return .zero }
        var seconds = 0.0
        var rest = text[...]
        repeat {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest.removeFirst(digits.count)
            let name = rest.prefix { $0.isLetter }
            rest.removeFirst(name.count)
            guard let number = Double(digits), let unit = units.first(where: { $0.name == name }) else {
                throw ValidationError("a time is written with its unit: 30s, 5m, 1h30m, 7d")
            }
            seconds += number * unit.seconds
        } while !rest.isEmpty
        guard seconds <= longest else { throw ValidationError("that is more than 30 days") }
        return .milliseconds(Int64(seconds * 1000))
    }
}
