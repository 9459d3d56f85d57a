import KeelDiagnostics

/// What is wrong in several environments of a project, told once.
package struct EnvironmentsReport: Sendable {
    package let sources: SourceMap
    package let report: DiagnosticReport

    /// `projects` are one project as its environments see it, which `Project.loadAll` makes, with the environments' names.
    ///
    /// What is found in all of them is as it is in one; what is found in some names them.
    package init(_ projects: [(environment: String, project: Project)]) {
        // All that any of them added is in the last one's map.
        sources = projects.last?.project.sources ?? SourceMap()
        var places: [Diagnostic: [String]] = [:]
        var order: [Diagnostic] = []
        for (environment, project) in projects {
            for diagnostic in project.report.diagnostics {
                if places[diagnostic]?.last == environment { continue }
                if places[diagnostic] == nil { order.append(diagnostic) }
                places[diagnostic, default: []].append(environment)
            }
        }
        report = DiagnosticReport(
            order.map { diagnostic in
                let names = places[diagnostic] ?? []
                return names.count == projects.count ? diagnostic : diagnostic.seen(in: names)
            })
    }
}

extension Diagnostic {
    /// The same, found in these environments alone.
    fileprivate func seen(in environments: [String]) -> Diagnostic {
        let names = environments.joined(separator: ", ")
        let words = environments.count == 1 ? "environment" : "environments"
        var copy = Diagnostic(
            severity, code, "\(message) (in \(words) \(names))", at: range, notes: notes, help: help, address: address,
            answer: answer, responsible: responsible)
        copy.hidesSource = hidesSource
        return copy
    }
}
