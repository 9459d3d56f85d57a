import KeelBase
import KeelSystem

/// What lock records say about the process behind a run, so that whoever finds the lock held can look at it.
package enum RunInfo {
    /// `pid 4711`, and in a pipeline the address of its job.
    package static func text(_ environment: ProcessEnvironment, process: Int32) -> String {
        let job = jobURL(environment)
        return "pid \(process)" + (job.map { ", \($0)" } ?? "")
    }

    /// The address of the job that runs this, by the variables that the usual services set.
    package static func jobURL(_ environment: ProcessEnvironment) -> String? {
        let candidates = [
            // GitHub, Gitea, Forgejo
            joined(environment, "GITHUB_SERVER_URL", "/", "GITHUB_REPOSITORY", "/actions/runs/", "GITHUB_RUN_ID"),
            // Azure Pipelines
            joined(
                environment, "SYSTEM_COLLECTIONURI", "", "SYSTEM_TEAMPROJECT", "/_build/results?buildId=",
                "BUILD_BUILDID"),
        ]
        let direct = [
            "CI_JOB_URL", "CIRCLE_BUILD_URL", "BUILDKITE_BUILD_URL", "TRAVIS_JOB_WEB_URL", "DRONE_BUILD_LINK",
            "CI_PIPELINE_URL", "BUILD_URL",
        ].map(environment.nonEmpty)
        return (candidates + direct).lazy.compactMap { $0.flatMap(clean) }.first
    }

    /// The values of variables with fixed text between them; nil if one of them is not set.
    private static func joined(
        _ environment: ProcessEnvironment, _ first: String, _ middle: String, _ second: String, _ end: String,
        _ third: String
    ) -> String? {
        guard let first = environment.nonEmpty(first), let second = environment.nonEmpty(second),
            let third = environment.nonEmpty(third)
        else { return nil }
        return first + middle + second + end + third
    }

    /// Only addresses of the web, and none with a password in it.
    private static func clean(_ url: String) -> String? {
        guard let scheme = ["https://", "http://"].first(where: url.hasPrefix) else { return nil }
        let authority = url.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !authority.isEmpty, !authority.contains("@") else { return nil }
        return ForeignText(url).text
    }
}
