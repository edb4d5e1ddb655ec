import type { Reads, Transaction } from "../store/contract/transaction.ts";

/**
 * A transaction for calls that only look, over the store's reads. Changing anything in one is a bug and throws: such
 * calls are GETs, which clients repeat and cache.
 */
export function readOnlyTransaction(reads: Reads): Transaction {
  return {
    account: (id) => reads.account(id),
    connectedAccounts: (filter, page) => reads.connectedAccounts(filter, page),
    accounts: (page) => reads.accounts(page),
    application: (accountId, livemode) => reads.application(accountId, livemode),
    applicationById: (id) => reads.applicationById(id),
    keyByHash: (hash) => reads.keyByHash(hash),
    connections: (platformId, accountId) => reads.connections(platformId, accountId),
    subscribers: (accountId) => reads.subscribers(accountId),
    endpoint: (id) => reads.endpoint(id),
    endpoints: (filter, page) => reads.endpoints(filter, page),
    countEndpoints: (filter) => reads.countEndpoints(filter),
    endpointFailures: (endpointIds) => reads.endpointFailures(endpointIds),
    event: (id) => reads.event(id),
    eventVariant: (eventId, variant) => reads.eventVariant(eventId, variant),
    events: (filter, page) => reads.events(filter, page),
    pendingWebhooks: (eventIds) => reads.pendingWebhooks(eventIds),
    delivery: (id) => reads.delivery(id),
    deliveries: (filter, page) => reads.deliveries(filter, page),
    attempts: (deliveryId) => reads.attempts(deliveryId),
    lastAttempts: (deliveryIds) => reads.lastAttempts(deliveryIds),
    uncleanEnds: (deliveryId) => reads.uncleanEnds(deliveryId),
    countQuarantined: () => reads.countQuarantined(),
    backlog: (now, countUpTo) => reads.backlog(now, countUpTo),
    object: (id) => reads.object(id),
    objects: (filter, page) => reads.objects(filter, page),
    tasks: (filter) => reads.tasks(filter),
    idempotentAnswer: (scope, key, since) => reads.idempotentAnswer(scope, key, since),
    setting: (name) => reads.setting(name),
    request: (id) => reads.request(id),
    requests: (filter, page) => reads.requests(filter, page),
    listenSession: (id) => reads.listenSession(id),
    listenSessions: (owner) => reads.listenSessions(owner),
    expiredListenSessions: (at, limit) => reads.expiredListenSessions(at, limit),
    insertAccount: () => refuse("insertAccount"),
    updateAccount: () => refuse("updateAccount"),
    insertApplication: () => refuse("insertApplication"),
    updateApplication: () => refuse("updateApplication"),
    insertKey: () => refuse("insertKey"),
    deleteKeys: () => refuse("deleteKeys"),
    expireGrantedKeys: () => refuse("expireGrantedKeys"),
    insertConnection: () => refuse("insertConnection"),
    deleteConnection: () => refuse("deleteConnection"),
    insertEndpoint: () => refuse("insertEndpoint"),
    updateEndpoint: () => refuse("updateEndpoint"),
    insertObject: () => refuse("insertObject"),
    updateObject: () => refuse("updateObject"),
    deleteObject: () => refuse("deleteObject"),
    scheduleTask: () => refuse("scheduleTask"),
    cancelTask: () => refuse("cancelTask"),
    takeDueTasks: () => refuse("takeDueTasks"),
    insertEvents: () => refuse("insertEvents"),
    insertDeliveries: () => refuse("insertDeliveries"),
    releaseQuarantined: () => refuse("releaseQuarantined"),
    insertIdempotentAnswer: () => refuse("insertIdempotentAnswer"),
    saveSetting: () => refuse("saveSetting"),
    insertListenSession: () => refuse("insertListenSession"),
    updateListenSession: () => refuse("updateListenSession"),
    deleteListenSession: () => refuse("deleteListenSession"),
    cancelPending: () => refuse("cancelPending"),
  };
}

function refuse(method: keyof Transaction): never {
  throw new Error(`A call that only looks tried to change something: ${method}`);
}
