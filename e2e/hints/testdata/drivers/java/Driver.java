import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import calls.BoundedShopCalls;
import calls.FlakyShopCalls;
import calls.FragileShopCalls;
import calls.LateShopCalls;
import calls.NarrowShopCalls;

/** Makes the calls that standard input names. */
public final class Driver {
    private interface Sender {
        HttpResponse<String> send(HttpRequest request, HttpResponse.BodyHandler<String> body) throws Exception;
    }

    private static final Map<String, Sender> RULES = Map.of(
            "flaky", FlakyShopCalls.DEFAULT::send,
            "flaky-rule1", FlakyShopCalls.RULE_1::send,
            "late", LateShopCalls.DEFAULT::send,
            "bounded", BoundedShopCalls.DEFAULT::send,
            "fragile", FragileShopCalls.DEFAULT::send,
            "narrow", NarrowShopCalls.DEFAULT::send);

    public static void main(String[] args) throws Exception {
        ExecutorService pool = Executors.newCachedThreadPool();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = in.readLine()) != null; ) {
            String[] word = line.split(" ");
            List<Future<String>> running = IntStream.range(0, Integer.parseInt(word[0]))
                    .mapToObj(i -> pool.submit(() -> call(word[1], word[2], word[3]))).collect(Collectors.toList());
            StringBuilder all = new StringBuilder();
            for (Future<String> f : running) {
                all.append(f.get()).append(' ');
            }
            String[] results = all.toString().trim().split(" ");
            java.util.Arrays.sort(results);
            System.out.println(String.join(" ", results));
        }
        System.exit(0);
    }

    private static String call(String service, String method, String url) {
        HttpRequest.BodyPublisher body = method.equals("POST") || method.equals("PUT")
                ? HttpRequest.BodyPublishers.ofString("body") : HttpRequest.BodyPublishers.noBody();
        HttpRequest request = HttpRequest.newBuilder(URI.create(url)).method(method, body).build();
        try {
            HttpResponse<String> answer = RULES.get(service).send(request, HttpResponse.BodyHandlers.ofString());
            return answer.body().isEmpty() ? "error" : String.valueOf(answer.statusCode());
        } catch (Exception e) {
            System.err.println(e);
            return "error";
        }
    }
}
