<?php

const KEY = 'sk_test_carabinerForLocalTesting';

/** A server of its own, in memory, on a free port. */
final class Carabiner
{
    public readonly string $url;
    private $process;
    private $output;

    public function __construct()
    {
        $command = ['carabiner', 'dev', '--port', '0', '--json', '--log-level', 'error'];
        $this->process = proc_open($command, [1 => ['pipe', 'w']], $pipes);
        $this->output = $pipes[1];
        // The first line says that it is ready, and where.
        $this->url = json_decode(fgets($this->output), true)['url'];
    }

    /** Turns the clock, and returns when everything due on the way has happened. */
    public function advance(int $seconds): void
    {
        $options = ['method' => 'POST', 'header' => 'Authorization: Bearer ' . KEY . "\r\nContent-Type: application/x-www-form-urlencoded", 'content' => "seconds=$seconds"];
        if (file_get_contents("$this->url/v1/test_helpers/clock/advance", false, stream_context_create(['http' => $options])) === false) {
            throw new RuntimeException('The clock was not turned.');
        }
    }

    /** The official SDK, pointed at it. It asks for further pages of a list at the address of the class Stripe. */
    public function client(): \Stripe\StripeClient
    {
        \Stripe\Stripe::$apiBase = $this->url;
        return new \Stripe\StripeClient(['api_key' => KEY, 'api_base' => $this->url, 'connect_base' => $this->url, 'files_base' => $this->url]);
    }

    public function stop(): void
    {
        proc_terminate($this->process);
        fclose($this->output);
        proc_close($this->process);
    }
}
