import KeelBase
import KeelCLI
import KeelSystem
import Testing

struct ApplyOptionTests {
    static let allowed = [
        ApplyChoice(), ApplyChoice(plan: true), ApplyChoice(planHash: true), ApplyChoice(pending: true),
        ApplyChoice(planHash: true, replace: true), ApplyChoice(planHash: true, destroy: true),
        ApplyChoice(replace: true),
    ]

    @Test(arguments: allowed)
    func `what fits together is taken`(choice: ApplyChoice) throws { try choice.check() }

    static let refused = [
        ApplyChoice(plan: true, planHash: true), ApplyChoice(plan: true, pending: true),
        ApplyChoice(planHash: true, pending: true), ApplyChoice(plan: true, destroy: true),
        ApplyChoice(plan: true, replace: true), ApplyChoice(pending: true, destroy: true),
        ApplyChoice(pending: true, replace: true), ApplyChoice(destroy: true, replace: true),
    ]

    @Test(arguments: refused)
    func `what excludes each other is refused`(choice: ApplyChoice) {
        #expect(throws: (any Error).self) { try choice.check() }
    }

    static let times: [(String, Duration?)] = [
        ("0", .zero), ("0s", .zero), ("30s", .seconds(30)), ("5m", .seconds(300)), ("1h30m", .seconds(5400)),
        ("1.5m", .seconds(90)), ("250ms", .milliseconds(250)), ("720h", .seconds(2_592_000)),
        ("", nil), ("30", nil), ("s", nil), ("5 m", nil), ("-5s", nil), ("5x", nil), ("1..5s", nil), ("nan", nil),
        ("infs", nil), ("1e9s", nil), ("5m3", nil), ("721h", nil), ("99999999999999999999h", nil), ("٣s", nil),
    ]

    @Test(arguments: times)
    func `times are written as for Terraform`(text: String, expected: Duration?) {
        #expect((try? WaitingTime.parse(text)) == expected)
    }

    @Test func `an intent is a digest in hexadecimal`() throws {
        let hash = String(repeating: "0aF9", count: 16)
        #expect(try PlanHash.parse(hash) == hash.lowercased())
        for text in ["", "0a", hash + "0", String(repeating: "zz", count: 32)] {
            #expect(throws: (any Error).self) { try PlanHash.parse(text) }
        }
    }
}

struct RunInfoTests {
    static let jobs: [([String: String], String?)] = [
        ([:], nil),
        (
            [
                "GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "contoso/mail", "GITHUB_RUN_ID": "42",
                "BUILD_URL": "https://other/",
            ], "https://github.com/contoso/mail/actions/runs/42"
        ),
        (["GITHUB_SERVER_URL": "https://github.com", "GITHUB_RUN_ID": "42"], nil),
        (["CI_JOB_URL": "https://gitlab.com/contoso/mail/-/jobs/7"], "https://gitlab.com/contoso/mail/-/jobs/7"),
        (["BUILD_URL": "http://jenkins:8080/job/mail/7/"], "http://jenkins:8080/job/mail/7/"),
        (
            [
                "SYSTEM_COLLECTIONURI": "https://dev.azure.com/contoso/", "SYSTEM_TEAMPROJECT": "mail",
                "BUILD_BUILDID": "7",
            ], "https://dev.azure.com/contoso/mail/_build/results?buildId=7"
        ),
        // No address of the web, or one with a password.
        (["BUILD_URL": "7"], nil),
        (["BUILD_URL": "javascript:alert(1)"], nil),
        (["BUILD_URL": "https://user:hunter2@jenkins/job/7"], nil),
        (["BUILD_URL": "https://"], nil),
        (["CI_JOB_URL": "", "BUILD_URL": "https://jenkins/7"], "https://jenkins/7"),
    ]

    @Test(arguments: jobs)
    func `a lock says which job of a pipeline holds it`(variables: [String: String], expected: String?) {
        let environment = ProcessEnvironment(variables)
        #expect(RunInfo.jobURL(environment) == expected)
        #expect(RunInfo.text(environment, process: 4711) == "pid 4711" + (expected.map { ", \($0)" } ?? ""))
    }

    @Test func `what a variable holds cannot disturb a terminal`() {
        let url = RunInfo.jobURL(ProcessEnvironment(["BUILD_URL": "https://jenkins/\u{1B}[2J7"]))
        #expect(url?.contains("\u{1B}") == false)
    }
}
