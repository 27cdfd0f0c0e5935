import { describe, expect, it } from 'vitest';
import { addressProblem, canonicalAddress } from './address.ts';

describe('the address of a web service', () => {
  it.for([
    ['https://ids.example.org/api', null],
    ['http://localhost:8080/api', null],
    ['http://127.0.0.1/api', null],
    ['http://[::1]:1/api', null],
    ['http://ids.example.org/api', 'https://'],
    ['http://localhost.example.org/', 'https://'],
    ['ftp://ids.example.org/', 'https://'],
    ['ids.example.org', 'address'],
    ['https://me:secret@ids.example.org/', 'password'],
    ['https://ids.example.org/?key=1', 'query'],
    ['https://ids.example.org/#x', 'fragment'],
  ] as const)('is judged: %s', ([address, problem]) => {
    if (problem === null) expect(addressProblem(address, false)).toBeNull();
    else expect(addressProblem(address, false)).toContain(problem);
  });

  it('may be plain HTTP to another machine where that is wanted', () => {
    expect(addressProblem('http://ids.example.org/api', true)).toBeNull();
  });

  it('has one spelling', () => {
    expect(canonicalAddress('HTTPS://IDS.example.org:443/api')).toBe('https://ids.example.org/api');
  });
});
