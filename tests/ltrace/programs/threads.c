// Functions of pthread.h, semaphore.h and threads.h with ordinary arguments.
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <threads.h>

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void initialise(void) {}

static void *body(void *argument) {
	return argument;
}

int main(void) {
	pthread_t thread;
	pthread_attr_t attributes;
	pthread_mutex_t mutex;
	pthread_mutexattr_t kind;
	pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
	pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
	pthread_spinlock_t spin;
	pthread_barrier_t barrier;
	struct timespec past = {1, 0};
	sem_t semaphore;
	mtx_t plain;
	void *result;
	char name[16];
	size_t size;
	int number;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 1 << 20);
	pthread_attr_getstacksize(&attributes, &size);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_JOINABLE);
	pthread_attr_getdetachstate(&attributes, &number);
	pthread_create(&thread, &attributes, body, (void *)7);
	pthread_join(thread, &result);
	pthread_attr_destroy(&attributes);
	pthread_create(&thread, NULL, body, NULL);
	pthread_detach(thread);
	pthread_self();
	pthread_equal(pthread_self(), pthread_self());
	pthread_mutexattr_init(&kind);
	pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutexattr_gettype(&kind, &number);
	pthread_mutex_init(&mutex, &kind);
	pthread_mutexattr_destroy(&kind);
	pthread_mutex_lock(&mutex);
	pthread_mutex_trylock(&mutex);
	pthread_mutex_unlock(&mutex);
	pthread_cond_init(&condition, NULL);
	pthread_cond_signal(&condition);
	pthread_cond_broadcast(&condition);
	pthread_cond_timedwait(&condition, &mutex, &past);
	pthread_cond_destroy(&condition);
	pthread_mutex_destroy(&mutex);
	pthread_rwlock_rdlock(&lock);
	pthread_rwlock_unlock(&lock);
	pthread_rwlock_wrlock(&lock);
	pthread_rwlock_unlock(&lock);
	pthread_spin_init(&spin, 0);
	pthread_spin_lock(&spin);
	pthread_spin_unlock(&spin);
	pthread_barrier_init(&barrier, NULL, 1);
	pthread_barrier_wait(&barrier);
	pthread_once(&once, initialise);
	pthread_key_create(&key, NULL);
	pthread_setspecific(key, "value");
	pthread_getspecific(key);
	pthread_key_delete(key);
	pthread_setname_np(pthread_self(), "tsltrace");
	pthread_getname_np(pthread_self(), name, sizeof name);
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &number);
	pthread_kill(pthread_self(), 0);
	pthread_sigmask(SIG_BLOCK, NULL, NULL);
	pthread_atfork(NULL, NULL, NULL);
	sem_init(&semaphore, 0, 1);
	sem_wait(&semaphore);
	sem_trywait(&semaphore);
	sem_post(&semaphore);
	sem_getvalue(&semaphore, &number);
	sem_destroy(&semaphore);
	mtx_init(&plain, mtx_plain);
	mtx_lock(&plain);
	mtx_unlock(&plain);
	mtx_destroy(&plain);
	return 0;
}
