using System.Globalization;

namespace TalentSphere.Benchmarks.Edge;

/// <summary>nginx of the distribution, with a configuration of the benchmark's own.</summary>
internal static class Nginx
{
    /// <summary>
    /// Nothing but a proxy: two workers, connections kept on both sides, an access log. No tokens, no limits, no compression, no headers of its own.
    /// </summary>
    public static Task<ServiceProcess> StartProxyAsync(Uri upstream, string folder, string readyPath) => StartAsync(folder, "nginx", readyPath, port => $$"""
        access_log {{folder}}/nginx-access-{{port}}.log;
        upstream service { server {{upstream.Authority}}; keepalive 256; keepalive_requests 1000000000; }
        server {
            listen 127.0.0.1:{{port}};
            location / { proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection ""; }
        }
        """);

    /// <summary>The leanest upstream there is: one and the same answer from memory, to everything, without a log.</summary>
    public static Task<ServiceProcess> StartUpstreamAsync(string answer, string folder) => StartAsync(folder, "upstream", "/", port => $$"""
        access_log off;
        server {
            listen 127.0.0.1:{{port}};
            location / { default_type application/json; return 200 '{{answer}}'; }
        }
        """);

    private static Task<ServiceProcess> StartAsync(string folder, string name, string readyPath, Func<int, string> server)
    {
        var port = TestKit.FreePort.Find();
        var file = Path.Combine(folder, $"{name}-{port}.conf");
        File.WriteAllText(file, string.Create(CultureInfo.InvariantCulture, $$"""
            worker_processes 2;
            daemon off;
            pid {{folder}}/{{name}}-{{port}}.pid;
            error_log {{folder}}/{{name}}-{{port}}-error.log;
            events { worker_connections 4096; }
            http {
            client_body_temp_path {{folder}}; proxy_temp_path {{folder}}; fastcgi_temp_path {{folder}}; uwsgi_temp_path {{folder}}; scgi_temp_path {{folder}};
            keepalive_requests 1000000000;
            keepalive_timeout 600s;
            {{server(port)}}
            }

            """));
        return ServiceProcess.StartAsync(
            ["nginx", "-p", folder, "-c", file], new Dictionary<string, string> { ["PATH"] = $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin" }, new Uri($"http://127.0.0.1:{port}"), Path.Combine(folder, $"{name}-{port}.log"), readyPath);
    }
}
